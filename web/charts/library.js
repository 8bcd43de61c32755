/** uPlot with its style sheet, which comes with the first chart. */
import uPlot from '../vendor/uplot.js';

const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = new URL('../vendor/uplot.css', import.meta.url).href;
document.head.append(sheet);

export default uPlot;
