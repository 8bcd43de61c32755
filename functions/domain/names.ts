/** Names of keys: symbols as the exchange writes them, sensors as `device` or `device.sensor`. */

/** Device and sensor names. */
export const DEVICE_NAME = /^[A-Za-z0-9_-]{1,64}$/;
export const SYMBOL = /^[A-Za-z0-9._:/-]{1,64}$/;
const SENSOR_ID = /^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64})?$/;

export function isSensorId(text: string): boolean {
  return SENSOR_ID.test(text);
}

/** The device that carries a sensor: its records lie under the device's partition key. */
export function deviceOf(sensorId: string): string {
  const dot = sensorId.indexOf('.');
  return dot < 0 ? sensorId : sensorId.slice(0, dot);
}
