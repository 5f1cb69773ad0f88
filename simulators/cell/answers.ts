import type { RadioState } from '../radio.ts';

/** What the modem knows of the network, as its answers tell it (devices.md §3, 3GPP TS 27.007). */
export type Network = {
  /** 1 home, 2 searching, 3 denied, 5 roaming. */
  readonly registration: 0 | 1 | 2 | 3 | 5;
  readonly radio: RadioState;
  readonly operator: string;
  /** MCC and MNC. */
  readonly plmn: string;
  readonly attached: boolean;
};
export const ORANGE = { operator: 'Orange F', plmn: '20801' } as const;

export type ModemKind = 'quectel' | 'simcom';
type Answer = (network: Network) => string;

const onNetwork = (n: Network) => n.registration === 1 || n.registration === 5;
const clamp = (value: number, min: number, max: number) => Math.max(min, Math.min(max, Math.round(value)));

/** rssi 0-31: −113 + 2n dBm; 99 unknown. */
const csq: Answer = (n) => `+CSQ: ${onNetwork(n) ? clamp((n.radio.rssiDbm + 113) / 2, 0, 31) : 99},99`;

/** rsrq −20 + n/2 (lower edge), rsrp −141 + n. */
const cesq: Answer = (n) =>
  onNetwork(n)
    ? `+CESQ: 99,99,255,255,${clamp(2 * (n.radio.rsrqDb + 20), 0, 34)},${clamp(n.radio.rsrpDbm + 141, 0, 97)}`
    : '+CESQ: 99,99,255,255,255,255';

/** sinr n/5 − 20 dB (0-250). */
const qcsq: Answer = ({ radio, ...n }) =>
  onNetwork({ ...n, radio })
    ? `+QCSQ: "LTE",${radio.rssiDbm},${radio.rsrpDbm},${clamp(5 * (radio.sinrDb + 20), 0, 250)},${radio.rsrqDb}`
    : '+QCSQ: "NOSERVICE"';

const qeng: Answer = ({ radio, ...n }) =>
  onNetwork({ ...n, radio })
    ? `+QENG: "servingcell","NOCONN","LTE","FDD",${n.plmn.slice(0, 3)},${n.plmn.slice(3)},F62927,277,1850,3,5,5,8D40,${radio.rsrpDbm},${radio.rsrqDb},${radio.rssiDbm},${radio.sinrDb},9,160,-`
    : '+QENG: "servingcell","SEARCH"';

const qnwinfo: Answer = (n) =>
  onNetwork(n) ? `+QNWINFO: "FDD LTE","${n.plmn}","LTE BAND 3",1850` : '+QNWINFO: No Service';

/** rsrq, rsrp, rssi in tenths, rssnr in dB. */
const cpsi: Answer = ({ radio, ...n }) =>
  onNetwork({ ...n, radio })
    ? `+CPSI: LTE,Online,${n.plmn.slice(0, 3)}-${n.plmn.slice(3)},0x8D40,258091303,277,EUTRAN-BAND3,1850,5,5,${10 * radio.rsrqDb},${10 * radio.rsrpDbm},${10 * radio.rssiDbm},${radio.sinrDb}`
    : '+CPSI: NO SERVICE,Online';

const registrationOf =
  (name: string): Answer =>
  (n) =>
    onNetwork(n) ? `+${name}: 2,${n.registration},"8D40","F62927",7` : `+${name}: 2,${n.registration}`;

const cops: Answer = (n) => (onNetwork(n) ? `+COPS: 0,0,"${n.operator}",7` : '+COPS: 0');
const cgatt: Answer = (n) => `+CGATT: ${n.attached ? 1 : 0}`;
const cgdcont: Answer = (n) =>
  `+CGDCONT: 1,"IP","orange.m2m","${n.attached ? '10.63.231.228' : '0.0.0.0'}",0,0,,,,`;
const cgpaddr: Answer = (n) => `+CGPADDR: 1,"${n.attached ? '10.63.231.228' : '0.0.0.0'}"`;

const COMMON: Record<string, Answer> = {
  'AT+CSQ': csq,
  'AT+CESQ': cesq,
  'AT+CREG?': registrationOf('CREG'),
  'AT+CGREG?': registrationOf('CGREG'),
  'AT+CEREG?': registrationOf('CEREG'),
  'AT+COPS?': cops,
  'AT+CGATT?': cgatt,
  'AT+CGDCONT?': cgdcont,
  'AT+CGPADDR=1': cgpaddr,
};

/** Questions that a modem of this kind answers with one line and OK. */
export const ANSWERS: Record<ModemKind, Record<string, Answer>> = {
  quectel: {
    ...COMMON,
    'AT+QCSQ': qcsq,
    'AT+QENG="SERVINGCELL"': qeng,
    'AT+QNWINFO': qnwinfo,
    'AT+CGMI': () => 'Quectel',
    'AT+CGMM': () => 'EC25',
    'AT+CGMR': () => 'EC25EFAR06A10M4G',
    ATI: () => 'Quectel\r\nEC25\r\nRevision: EC25EFAR06A10M4G',
  },
  simcom: {
    ...COMMON,
    'AT+CPSI?': cpsi,
    'AT+CGMI': () => 'SIMCOM INCORPORATED',
    'AT+CGMM': () => 'SIMCOM_SIM7600E-H',
    'AT+CGMR': () => '+CGMR: LE20B04SIM7600M22',
    ATI: () => 'Manufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600E-H\r\nRevision: SIM7600M22_V2.0.1',
  },
};
