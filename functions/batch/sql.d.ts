/** A statement of sql/, put into the bundle as text. */
declare module '*.sql' {
  const text: string;
  export default text;
}
