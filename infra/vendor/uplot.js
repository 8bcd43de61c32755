/** Charts of the dashboard. */
export { default } from 'uplot';
