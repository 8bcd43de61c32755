/** An error as an AWS service answers it: `code` is AWS's own error name, `statusCode` the HTTP status that goes with it. */
export class AwsError extends Error {
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.statusCode = statusCode;
  }
}
