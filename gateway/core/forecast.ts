import type { PowerReading } from '../../protocol/readings.ts';

/** When the house battery will be empty, with its spread; epoch ms. */
export type Forecast = {
  readonly emptyAt: number;
  readonly earlyAt: number;
  readonly lateAt: number;
};

/** What has been learnt. JSON. */
export type ForecastState = { readonly at?: number; readonly reading?: PowerReading };
export const initialForecast = (): ForecastState => ({});
