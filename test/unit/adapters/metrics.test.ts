import { describe, expect, it } from 'vitest';
import { metricsLine } from '#adapters/metrics.ts';

describe('a line of metrics', () => {
  it('is a document of the embedded metric format: every named metric and dimension is a member of the root', () => {
    const document = JSON.parse(metricsLine(1_700_000_000_123, { layer: 'speed', source: 'trades' }, { received: 3, applied: 2, late: 1 }));
    expect(document._aws).toEqual({
      Timestamp: 1_700_000_000_123,
      CloudWatchMetrics: [
        {
          Namespace: 'Tidemark',
          Dimensions: [['layer', 'source']],
          Metrics: ['received', 'applied', 'late'].map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    });
    for (const name of [...document._aws.CloudWatchMetrics[0].Dimensions[0], 'received', 'applied', 'late'])
      expect(document).toHaveProperty(name);
    expect(document).toMatchObject({ layer: 'speed', source: 'trades', received: 3, applied: 2, late: 1 });
  });
});
