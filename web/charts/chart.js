/** One chart: uPlot with what is the same for all of them: local times, crosshair shared by a page, zoom, keyboard, size and theme. */
import uPlot from './library.js';
import { color, onThemeChange } from './theme.js';
import { tickTexts } from './time-text.js';

/** @import { Span } from './span.js' */

const FONT = '12px system-ui, sans-serif';
const X_AXIS_HEIGHT = 44;
const X_AXIS_MARGIN = 8;
/** Shorter drags are clicks, CSS px. */
const MIN_DRAG = 6;
/** A key press zooms to this share, or out of it. */
const ZOOM_STEP = 0.5;
const KEYS = 'Arrow keys go from point to point, plus and minus zoom, Escape ends the zoom.';

/**
 * @typedef {object} ChartSpec
 * @property {string} label what the chart shows, for who does not see it
 * @property {number} height CSS px
 * @property {number} axisWidth CSS px
 * @property {boolean} [isAbove] the chart under it has the times
 * @property {readonly number[]} [stepsMs] what may lie between two labels of the time axis; without it whatever fits
 * @property {(value: number) => string} valueText a value of the vertical axis with its unit
 * @property {(min: number | null, max: number | null) => [number, number]} heightOf the part of the vertical axis to show
 * @property {uPlot.Series[]} series without that of the times
 * @property {uPlot.Band[]} [bands]
 * @property {(plot: uPlot) => void} [under] draws before the series
 * @property {(plot: uPlot) => void} [over] draws after them
 * @property {string} crosshair charts of the same name move it together
 * @property {(index: number | null, byKey: boolean) => void} onPoint the crosshair went to a point; null: away
 * @property {(span: Span | null) => void} onZoom null: somebody wants to see all again
 */

export class Chart {
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {uPlot.AlignedData} */
  #columns = [[]];
  /** @type {Span} */
  #span = { fromMs: 0, toMs: 1 };
  /** @type {unknown} */
  #besides;
  #byKey = false;
  #root;
  #spec;
  #sizes;
  #offTheme;

  /**
   * @param {HTMLElement} root empty, as wide as the chart may be
   * @param {ChartSpec} spec
   */
  constructor(root, spec) {
    this.#root = root;
    this.#spec = spec;
    root.tabIndex = 0;
    root.setAttribute('role', 'group');
    root.setAttribute('aria-roledescription', 'chart');
    root.setAttribute('aria-label', `${spec.label}. ${KEYS}`);
    root.addEventListener('keydown', (event) => this.#press(event));
    root.addEventListener('blur', () => this.#plot?.setCursor({ left: -10, top: -10 }));
    this.#sizes = new ResizeObserver(() => this.#fit());
    this.#sizes.observe(root);
    this.#offTheme = onThemeChange(() => this.#plot?.redraw(false, true));
  }

  /** Whether the crosshair stands somewhere in it. */
  get isPointed() {
    return (this.#plot?.cursor.left ?? -1) >= 0;
  }

  /**
   * @param {uPlot.AlignedData} columns times in ms, ascending, and one column a series
   * @param {Span} span
   * @param {unknown} besides what else is drawn: the same array of columns in the same span is drawn anew when this is another one
   */
  show(columns, span, besides) {
    const { fromMs, toMs } = this.#span;
    const isDrawn = this.#plot !== null && columns === this.#columns && besides === this.#besides;
    if (isDrawn && span.fromMs === fromMs && span.toMs === toMs) return;
    this.#columns = columns;
    this.#span = span;
    this.#besides = besides;
    if (!this.#plot) return this.#create();
    this.#plot.batch((/** @type {uPlot} */ plot) => {
      plot.setData(columns, false);
      plot.setScale('x', { min: span.fromMs, max: span.toMs });
    });
  }

  /** Lets go of everything; the root stays, empty. */
  close() {
    this.#sizes.disconnect();
    this.#offTheme();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #create() {
    const width = this.#root.clientWidth;
    if (width === 0) return;
    this.#plot = new uPlot(this.#options(width), this.#columns, this.#root);
    this.#plot.setScale('x', { min: this.#span.fromMs, max: this.#span.toMs });
  }

  #fit() {
    const width = this.#root.clientWidth;
    if (width === 0) return;
    if (this.#plot) this.#plot.setSize({ width, height: this.#spec.height });
    else if (this.#columns[0].length > 0) this.#create();
  }

  /**
   * @param {number} width
   * @returns {uPlot.Options}
   */
  #options(width) {
    const { height, axisWidth, isAbove = false, stepsMs, valueText, heightOf, series, bands = [], under, over, crosshair } = this.#spec;
    const line = { stroke: () => color('--line'), width: 1 };
    const axis = { stroke: () => color('--muted'), font: FONT, grid: line, ticks: { ...line, size: 4 } };
    return {
      width,
      height,
      ms: 1,
      pxAlign: 1,
      legend: { show: false },
      padding: [12, 0, 0, 26],
      scales: {
        x: { time: true },
        y: { range: (_plot, min, max) => heightOf(min, max) },
      },
      series: [{}, ...series],
      bands,
      axes: [
        {
          ...axis,
          size: isAbove ? X_AXIS_MARGIN : X_AXIS_HEIGHT,
          space: 80,
          ...(stepsMs ? { incrs: [...stepsMs] } : {}),
          values: (_plot, splits, _index, _space, stepMs) => (isAbove ? [] : tickTexts(splits, stepMs)),
        },
        { ...axis, side: 1, size: axisWidth, space: 36, values: (_plot, splits) => splits.map(valueText) },
      ],
      cursor: {
        y: false,
        sync: { key: crosshair, setSeries: false, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false, dist: MIN_DRAG },
        bind: {
          dblclick: () => () => {
            this.#spec.onZoom(null);
            return null;
          },
        },
        points: { size: 7 },
      },
      hooks: {
        drawClear: under ? [under] : [],
        draw: over ? [over] : [],
        setCursor: [(plot) => this.#pointed(plot)],
        setSelect: [(plot) => this.#selected(plot)],
      },
    };
  }

  /** @param {uPlot} plot */
  #pointed(plot) {
    const { idx = null, left = -1 } = plot.cursor;
    this.#spec.onPoint(left < 0 ? null : idx, this.#byKey);
  }

  /** @param {uPlot} plot */
  #selected(plot) {
    const { left, width } = plot.select;
    if (width < MIN_DRAG) return;
    const span = { fromMs: plot.posToVal(left, 'x'), toMs: plot.posToVal(left + width, 'x') };
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#spec.onZoom(span);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const plot = this.#plot;
    if (!plot || event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = new Map([
      ['ArrowLeft', -1],
      ['ArrowRight', 1],
      ['Home', Number.NEGATIVE_INFINITY],
      ['End', Number.POSITIVE_INFINITY],
    ]);
    const step = steps.get(event.key);
    if (step !== undefined) this.#step(plot, step);
    else if (event.key === '+') this.#zoomBy(plot, ZOOM_STEP);
    else if (event.key === '-') this.#zoomBy(plot, 1 / ZOOM_STEP);
    else if (event.key === 'Escape') this.#spec.onZoom(null);
    else return;
    event.preventDefault();
  }

  /**
   * @param {uPlot} plot
   * @param {number} step in points
   */
  #step(plot, step) {
    const [from, to] = plot.series[0]?.idxs ?? [0, 0];
    const { idx = null, left = -1 } = plot.cursor;
    const start = left < 0 || idx === null ? (step > 0 ? from - 1 : to + 1) : idx;
    let next = Math.min(Math.max(start + step, from), to);
    // What breaks the line is no point.
    while (this.#isBreak(next) && next > from && next < to) next += Math.sign(step);
    const timeMs = this.#columns[0][next];
    if (timeMs === undefined) return;
    this.#byKey = true;
    plot.setCursor({ left: plot.valToPos(timeMs, 'x'), top: plot.over.clientHeight / 2 });
    this.#byKey = false;
  }

  /** @param {number} index */
  #isBreak(index) {
    return this.#columns.slice(1).every((column) => column?.[index] === null);
  }

  /**
   * @param {uPlot} plot
   * @param {number} share of the span that is shown
   */
  #zoomBy(plot, share) {
    const { fromMs, toMs } = this.#span;
    const { left = -1 } = plot.cursor;
    const middleMs = left < 0 ? (fromMs + toMs) / 2 : plot.posToVal(left, 'x');
    this.#spec.onZoom({ fromMs: middleMs - (middleMs - fromMs) * share, toMs: middleMs + (toMs - middleMs) * share });
  }
}
