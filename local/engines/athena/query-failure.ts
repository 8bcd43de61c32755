/** A query that fails as Athena's do: the category, and a message for the person. */
export class QueryFailure extends Error {
  /** E.g. `TABLE_NOT_FOUND`. */
  readonly category: string;

  constructor(category: string, message: string) {
    super(message);
    this.category = category;
  }

  /** As it stands in StateChangeReason. */
  get reason(): string {
    return `${this.category}: ${this.message}`;
  }
}
