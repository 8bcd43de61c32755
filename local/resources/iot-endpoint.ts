import type { ResourceType } from './resource-type.ts';

const ONCE = 'the local broker stays where it is while it runs';

/** What asks AWS IoT for the account's endpoint: here it is the page's own port. */
export const IOT_ENDPOINT: ResourceType = {
  type: 'Custom::IotEndpoint',
  properties: {
    ServiceToken: 'the runtime answers itself',
    Create: true,
    Update: ONCE,
    InstallLatestAwsSdk: 'the runtime answers itself',
  },
  create(context, { properties, where }) {
    const call = JSON.parse(properties.text('Create'));
    const asked = `${call.service} ${call.action} ${call.parameters?.endpointType}`;
    if (asked !== 'IoT describeEndpoint iot:Data-ATS') {
      throw new Error(`${where}: ${asked} is not run locally, only IoT describeEndpoint iot:Data-ATS is`);
    }
    return { ref: 'iot-endpoint', attributes: { endpointAddress: new URL(context.pageUrl).host } };
  },
};
