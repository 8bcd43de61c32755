/** What is drawn into a chart besides its series. All of it is clipped to the plot. */
import uPlot from './library.js';
import { color } from './theme.js';

/** Half the size of a mark, CSS px. */
const MARK = 4.5;
const LABEL_PX = 11;
/** Candles narrower than this have no body, CSS px. */
const MIN_BODY = 3;
const MAX_BODY = 14;
const DASH = [5, 4];

/** @typedef {{ value: number, label: string, token: string }} Limit */
/** @typedef {{ timeMs: number, value: number | null }} Mark */
/** @typedef {{ timeMs: number, open: number, high: number, low: number, close: number, isOpen: boolean }} Candle */

/**
 * @param {uPlot} plot
 * @param {(context: CanvasRenderingContext2D, ratio: number) => void} draw in canvas px
 */
function within(plot, draw) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${LABEL_PX * uPlot.pxRatio}px system-ui, sans-serif`;
  draw(ctx, uPlot.pxRatio);
  ctx.restore();
}

/**
 * Horizontal lines with what they mean, which stays readable before a line.
 * @param {uPlot} plot
 * @param {readonly Limit[]} limits
 */
export function drawLimits(plot, limits) {
  within(plot, (context, ratio) => {
    const { left, top, width } = plot.bbox;
    for (const { value, label, token } of limits) {
      const y = Math.round(plot.valToPos(value, 'y', true));
      context.strokeStyle = color(token);
      context.fillStyle = color(token);
      context.lineWidth = ratio;
      context.setLineDash(DASH.map((length) => length * ratio));
      line(context, left, y, left + width, y);
      const fitsAbove = y - top > LABEL_PX * 1.5 * ratio;
      context.textBaseline = fitsAbove ? 'bottom' : 'top';
      context.setLineDash([]);
      context.strokeStyle = color('--surface');
      context.lineWidth = 3 * ratio;
      context.strokeText(label, left + 6 * ratio, y + (fitsAbove ? -3 : 4) * ratio);
      context.fillText(label, left + 6 * ratio, y + (fitsAbove ? -3 : 4) * ratio);
    }
  });
}

/**
 * The tidemark: left of it is settled, right of it may move.
 * @param {uPlot} plot
 * @param {number} boundaryMs
 */
export function drawBoundary(plot, boundaryMs) {
  within(plot, (context, ratio) => {
    const x = Math.round(plot.valToPos(boundaryMs, 'x', true));
    const { top, height } = plot.bbox;
    context.strokeStyle = color('--accent');
    context.fillStyle = color('--accent');
    context.lineWidth = 2 * ratio;
    line(context, x, top, x, top + height);
    context.textBaseline = 'top';
    context.textAlign = 'right';
    context.fillText('settled', x - 6 * ratio, top + 4 * ratio);
    context.textAlign = 'left';
    const isCut = x + 6 * ratio + context.measureText('moving').width > plot.bbox.left + plot.bbox.width;
    if (!isCut) context.fillText('moving', x + 6 * ratio, top + 4 * ratio);
  });
}

/**
 * The ground behind what is still moving.
 * @param {uPlot} plot
 * @param {readonly { fromMs: number, toMs: number }[]} spans
 */
export function drawMoving(plot, spans) {
  within(plot, (context, ratio) => {
    const { top, height } = plot.bbox;
    context.fillStyle = color('--chart-moving');
    for (const { fromMs, toMs } of spans) {
      const from = plot.valToPos(fromMs, 'x', true);
      context.fillRect(from, top, Math.max(ratio, plot.valToPos(toMs, 'x', true) - from), height);
    }
  });
}

/**
 * Hollow marks: values that are not to be believed, those outside of the picture at its edge, those without a value at the bottom.
 * @param {uPlot} plot
 * @param {readonly Mark[]} marks
 */
export function drawHollow(plot, marks) {
  within(plot, (context, ratio) => {
    const size = MARK * ratio;
    const { top, height } = plot.bbox;
    context.strokeStyle = color('--untrusted');
    context.fillStyle = color('--surface');
    context.lineWidth = 1.5 * ratio;
    for (const { timeMs, value } of marks) {
      const x = plot.valToPos(timeMs, 'x', true);
      const y = value === null ? top + height : plot.valToPos(value, 'y', true);
      diamond(context, x, Math.min(Math.max(y, top + size + ratio), top + height - size - ratio), size);
    }
  });
}

/**
 * Rings around what was corrected after it was told.
 * @param {uPlot} plot
 * @param {readonly { timeMs: number, value: number }[]} marks
 */
export function drawCorrected(plot, marks) {
  within(plot, (context, ratio) => {
    context.strokeStyle = color('--text');
    context.lineWidth = 2 * ratio;
    for (const { timeMs, value } of marks) {
      context.beginPath();
      context.arc(plot.valToPos(timeMs, 'x', true), plot.valToPos(value, 'y', true), (MARK + 1) * ratio, 0, 2 * Math.PI);
      context.stroke();
    }
  });
}

/**
 * From minimum to maximum where a band has no neighbour to reach to.
 * @param {uPlot} plot
 * @param {readonly { timeMs: number, min: number, max: number }[]} marks
 */
export function drawWhiskers(plot, marks) {
  within(plot, (context, ratio) => {
    context.strokeStyle = color('--chart-band-edge');
    context.lineWidth = 3 * ratio;
    for (const { timeMs, min, max } of marks) {
      const x = plot.valToPos(timeMs, 'x', true);
      line(context, x, plot.valToPos(max, 'y', true), x, plot.valToPos(min, 'y', true));
    }
  });
}

/**
 * Candles: rising ones hollow, falling ones filled, those that still move in the colour of what moves.
 * @param {uPlot} plot
 * @param {readonly Candle[]} candles
 * @param {number} lengthMs of one
 */
export function drawCandles(plot, candles, lengthMs) {
  within(plot, (context, ratio) => {
    const slot = plot.valToPos(lengthMs, 'x', true) - plot.valToPos(0, 'x', true);
    const body = Math.min(slot * 0.7, MAX_BODY * ratio);
    context.lineWidth = Math.max(1, Math.min(1.25 * ratio, slot));
    for (const { timeMs, open, high, low, close, isOpen } of candles) {
      const x = plot.valToPos(timeMs + lengthMs / 2, 'x', true);
      const [openY, highY, lowY, closeY] = [open, high, low, close].map((price) => plot.valToPos(price, 'y', true));
      const rising = close >= open;
      context.strokeStyle = color(isOpen ? '--accent' : rising ? '--chart-rise' : '--chart-fall');
      context.fillStyle = rising ? color('--surface') : context.strokeStyle;
      line(context, x, highY ?? 0, x, Math.max(lowY ?? 0, (highY ?? 0) + ratio));
      if (body < MIN_BODY * ratio) continue;
      const top = Math.min(openY ?? 0, closeY ?? 0);
      const height = Math.max(ratio, Math.abs((openY ?? 0) - (closeY ?? 0)));
      context.fillRect(x - body / 2, top, body, height);
      context.strokeRect(x - body / 2, top, body, height);
    }
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} fromX
 * @param {number} fromY
 * @param {number} toX
 * @param {number} toY
 */
function line(context, fromX, fromY, toX, toY) {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function diamond(context, x, y, size) {
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.closePath();
  context.fill();
  context.stroke();
}
