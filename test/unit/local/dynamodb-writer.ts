/** Child process of dynamodb.test.ts: puts items into the tables in a folder until it is killed, or until the disk is full. */
import { startDynamoDb } from '../../../local/runtime/dynamodb.ts';

const LANES = 8;
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: dynamodb-writer.ts FOLDER');
const dynamodb = await startDynamoDb(folder, (error) => {
  process.stdout.write(`${error.message}\n`, () => process.exit(1));
});
await dynamodb.call('CreateTable', {
  TableName: 'numbers',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'number', AttributeType: 'N' }],
  KeySchema: [{ AttributeName: 'number', KeyType: 'HASH' }],
});
let next = 0;
await Promise.all(Array.from({ length: LANES }, putNumbers));

/** Prints a number only once its put was acknowledged. */
async function putNumbers(): Promise<never> {
  for (;;) {
    const number = String(next++);
    await dynamodb.call('PutItem', { TableName: 'numbers', Item: { number: { N: number }, text: { S: number.padStart(200, 'x') } } });
    await new Promise((resolve) => process.stdout.write(`${number}\n`, resolve));
  }
}
