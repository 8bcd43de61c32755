/**
 * Runs in the page: where a chart has pixels of a colour, as runs of columns, each with the height of its tallest column, in
 * shares of the canvas. Self-contained, since only its source gets there.
 * @param {{ chart: number, token: string }} what which canvas of the page, and which custom property
 * @returns {{ from: number, to: number, height: number }[]}
 */
export function runsOf({ chart, token }) {
  const TOLERANCE = 12;
  const canvas = /** @type {HTMLCanvasElement} */ (document.querySelectorAll('.uplot canvas')[chart]);
  const { width, height } = canvas;
  const copy = Object.assign(document.createElement('canvas'), { width, height });
  const context = copy.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  context.fillRect(0, 0, 1, 1);
  const wanted = context.getImageData(0, 0, 1, 1).data;
  context.clearRect(0, 0, 1, 1);
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  /** @param {number} pixel */
  const isWanted = (pixel) =>
    (data[4 * pixel + 3] ?? 0) > 200 &&
    [0, 1, 2].every((part) => Math.abs((data[4 * pixel + part] ?? 0) - (wanted[part] ?? 0)) <= TOLERANCE);
  const runs = [];
  let open = null;
  for (let x = 0; x < width; x++) {
    let count = 0;
    for (let y = 0; y < height; y++) if (isWanted(y * width + x)) count++;
    if (count > 0) {
      open ??= { from: x / width, to: x / width, height: 0 };
      open.to = x / width;
      open.height = Math.max(open.height, count / height);
    } else if (open) {
      runs.push(open);
      open = null;
    }
  }
  if (open) runs.push(open);
  return runs;
}
