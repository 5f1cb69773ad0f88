// The bare floor: serialport + readline + nmea-simple + mqtt.js, one publish an epoch. No journal, no checks, no state.
import { ReadlineParser } from '@serialport/parser-readline';
import mqtt from 'mqtt';
import { parseNmeaSentence } from 'nmea-simple';
import { SerialPort } from 'serialport';

const [path, baudRate, url, van, password] = process.argv.slice(2);
const client = mqtt.connect(url, { clientId: van, username: van, password, protocolVersion: 4 });
const lines = new SerialPort({ path, baudRate: Number(baudRate) }).pipe(
  new ReadlineParser({ delimiter: '\r\n' }),
);
let date;
lines.on('data', (line) => {
  let packet;
  try {
    packet = parseNmeaSentence(line);
  } catch {
    return;
  }
  if (packet.sentenceId === 'RMC') date = packet.datetime.toISOString().slice(0, 10);
  if (packet.sentenceId !== 'GGA' || !date) return;
  const position = {
    at: `${date}T${packet.time.toISOString().slice(11)}`,
    latitude: packet.latitude,
    longitude: packet.longitude,
    moving: true,
    fixAgeMs: 0,
  };
  client.publish(`tournee/v1/${van}/position`, JSON.stringify(position), { qos: 0, retain: true });
});
process.on('SIGTERM', () => process.exit(0));
process.stdout.write('ready\n');
