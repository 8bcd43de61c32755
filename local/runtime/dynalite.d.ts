declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** `createTableMs`: how long a table stays in CREATING, in ms; `path`: folder of the data, absent for memory. */
  export default function dynalite(options: { createTableMs?: number; path?: string }): Server;
}
