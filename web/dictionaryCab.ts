import type { AlertName, LinkCause, LinkStateWord, Severity } from '../protocol/alerts.ts';
import { clock, type Language, longDate } from '../visit/format.ts';
import { gsm7, SMS_MAX } from '../visit/sms.ts';
import { dictionary } from './dictionary.ts';

/**
 * The sentences of alerts, French first: for the cab page, the depot's page, SMS, webhook, ntfy and e-mail alike. Each
 * is made from the `values` of an alert row; a value that is missing is left out of the sentence, never guessed.
 */

export type AlertValues = Readonly<Record<string, string | number | boolean>>;
/** What is wrong, in one sentence, and what the driver can do about it. */
export type AlertText = { readonly text: string; readonly advice?: string };

type Say = {
  readonly values: AlertValues;
  readonly severity: Severity;
  /** `16 h 10` · `16:10` of a value that is an instant. */
  readonly time: (name: string) => string | undefined;
  /** `vendredi 27 novembre` of a value that is an instant. */
  readonly day: (name: string) => string | undefined;
  /** A number with its unit, `12,1 V` · `12.1 V`. */
  readonly amount: (name: string, unit: string, digits?: number) => string | undefined;
  readonly word: (name: string) => string | undefined;
  /** A name of a port or an error number; a sentence of the log is in English and for nobody on board. */
  readonly code: (name: string) => string | undefined;
};
type Sentences = Record<AlertName, (say: Say) => AlertText>;

/** `text`, with `rest` in brackets behind it when it is known. */
const aside = (text: string, ...rest: readonly (string | undefined)[]): string => {
  const knownParts = rest.filter((r) => r !== undefined);
  return knownParts.length > 0 ? `${text} (${knownParts.join(', ')}).` : `${text}.`;
};

const DEVICES: Record<Language, Record<string, string>> = {
  fr: { gps: 'GPS', power: 'moniteur de batterie', modem: 'modem 4G' },
  en: { gps: 'GPS', power: 'battery monitor', modem: '4G modem' },
};
const DEVICE_IN_FRENCH: Record<string, string> = {
  gps: 'Le GPS est débranché',
  power: 'Le moniteur de batterie est débranché',
  modem: 'Le modem 4G est débranché',
};

/** Cause of a bad link, as the driver can act on it. */
export const LINK_CAUSE_TEXT: Record<Language, Record<LinkCause, AlertText>> = {
  fr: {
    modem: { text: 'le modem ne répond pas', advice: 'Vérifiez son câble.' },
    sim: { text: "la carte SIM n'est pas prête", advice: 'Appelez le siège.' },
    denied: { text: "l'opérateur refuse la carte SIM", advice: 'Appelez le siège.' },
    searching: {
      text: 'pas de réseau ici',
      advice: 'Rien à faire: tout est gardé à bord et partira plus tard.',
    },
    bearer: {
      text: 'pas de données ici',
      advice: 'Rien à faire: tout est gardé à bord et partira plus tard.',
    },
    radio: { text: 'signal faible', advice: "Si c'est possible, garez-vous quelques mètres plus loin." },
    dns: { text: 'internet ne répond pas', advice: 'Rien à faire: tout est gardé à bord.' },
    tls: { text: 'la connexion sûre échoue', advice: 'Appelez le siège.' },
    credentials: { text: 'le siège refuse ce véhicule', advice: 'Appelez le siège.' },
    broker: {
      text: 'le siège ne répond pas',
      advice: 'Rien à faire: tout est gardé à bord et partira plus tard.',
    },
    depot: {
      text: "le siège n'enregistre pas",
      advice: 'Rien à faire: tout est gardé à bord et partira plus tard.',
    },
    slow: { text: 'réseau lent' },
    reconnected: { text: 'liaison revenue, encore instable' },
    backlog: { text: "des messages attendent d'être envoyés" },
  },
  en: {
    modem: { text: 'the modem does not answer', advice: 'Check its cable.' },
    sim: { text: 'the SIM card is not ready', advice: 'Call head office.' },
    denied: { text: 'the operator refuses the SIM card', advice: 'Call head office.' },
    searching: {
      text: 'no network here',
      advice: 'Nothing to do: all is kept on board and will be sent later.',
    },
    bearer: { text: 'no data here', advice: 'Nothing to do: all is kept on board and will be sent later.' },
    radio: { text: 'weak signal', advice: 'If you can, park a few metres further on.' },
    dns: { text: 'the internet does not answer', advice: 'Nothing to do: all is kept on board.' },
    tls: { text: 'the secure connection fails', advice: 'Call head office.' },
    credentials: { text: 'head office refuses this van', advice: 'Call head office.' },
    broker: {
      text: 'head office does not answer',
      advice: 'Nothing to do: all is kept on board and will be sent later.',
    },
    depot: {
      text: 'head office does not store',
      advice: 'Nothing to do: all is kept on board and will be sent later.',
    },
    slow: { text: 'slow network' },
    reconnected: { text: 'link is back, not steady yet' },
    backlog: { text: 'messages wait to be sent' },
  },
};

export const LINK_WORDS: Record<Language, Record<LinkStateWord, string>> = {
  fr: { good: 'bonne', degraded: 'moyenne', bad: 'mauvaise', offline: 'coupée' },
  en: { good: 'good', degraded: 'fair', bad: 'bad', offline: 'off' },
};

export const SEVERITY_WORDS: Record<Language, Record<Severity, string>> = {
  fr: { notice: 'À savoir', warning: 'Attention', critical: 'Grave' },
  en: { notice: 'Note', warning: 'Warning', critical: 'Serious' },
};

/** Parts of the gateway, as a driver may tell them on the telephone. */
const PARTS: Record<Language, Readonly<Record<string, string>>> = {
  fr: {
    cab: 'cette page',
    courier: "l'envoi au siège",
    gps: 'la lecture du GPS',
    power: 'la lecture de la batterie',
    modem: 'le modem 4G',
    health: 'la surveillance du boîtier',
    sms: 'les SMS',
  },
  en: {
    cab: 'this page',
    courier: 'sending to head office',
    gps: 'reading the GPS',
    power: 'reading the battery',
    modem: 'the 4G modem',
    health: 'the watch over the box',
    sms: 'text messages',
  },
};

/** The charger's errors (VE.Direct ERR); one that nobody knows is its number. */
const CHARGER: Record<Language, Readonly<Record<string, string>>> = {
  fr: {
    fault: 'en défaut',
    battery_voltage_high: 'tension trop haute',
    charger_hot: 'trop chaud',
    charger_over_current: 'courant trop fort',
    charger_current_reversed: 'courant inversé',
    bulk_time_limit: 'charge trop longue',
    current_sensor: 'capteur de courant',
    terminals_hot: 'bornes trop chaudes',
    converter: 'convertisseur',
    panel_voltage_high: 'tension du panneau trop haute',
    panel_current_high: 'courant du panneau trop fort',
    input_shutdown_voltage: 'entrée coupée, tension',
    input_shutdown_current: 'entrée coupée, courant',
    lost_device: 'un appareil manque',
    synchronised_charging_configuration: 'réglage de charge',
    bms_connection_lost: 'liaison avec la batterie perdue',
    network_misconfigured: 'réseau mal réglé',
    calibration_lost: 'étalonnage perdu',
    firmware: 'logiciel',
    settings_invalid: 'réglages perdus',
  },
  en: {
    fault: 'fault',
    battery_voltage_high: 'voltage too high',
    charger_hot: 'too hot',
    charger_over_current: 'too much current',
    charger_current_reversed: 'current reversed',
    bulk_time_limit: 'charge took too long',
    current_sensor: 'current sensor',
    terminals_hot: 'terminals too hot',
    converter: 'converter',
    panel_voltage_high: 'panel voltage too high',
    panel_current_high: 'panel current too high',
    input_shutdown_voltage: 'input shut, voltage',
    input_shutdown_current: 'input shut, current',
    lost_device: 'a device is missing',
    synchronised_charging_configuration: 'charging setup',
    bms_connection_lost: 'connection to the battery lost',
    network_misconfigured: 'network misconfigured',
    calibration_lost: 'calibration lost',
    firmware: 'firmware',
    settings_invalid: 'settings lost',
  },
};

const named = (
  names: Readonly<Record<string, string>>,
  name: string | number | boolean | undefined,
): string => names[String(name)] ?? String(name ?? '?');

/** `au nord`, `à l'est`… of a bearing. */
const COMPASS: Record<Language, readonly string[]> = {
  fr: [
    'au nord',
    'au nord-est',
    "à l'est",
    'au sud-est',
    'au sud',
    'au sud-ouest',
    "à l'ouest",
    'au nord-ouest',
  ],
  en: ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'],
};
const toward = (language: Language, deg: string | number | boolean | undefined): string | undefined =>
  typeof deg === 'number' ? COMPASS[language][Math.round(deg / 45) % 8] : undefined;

const causeIn = (language: Language, values: AlertValues): AlertText | undefined =>
  (LINK_CAUSE_TEXT[language] as Record<string, AlertText>)[String(values.cause ?? '')];

const fr: Sentences = {
  house_battery: ({ severity, amount }) => ({
    text: aside(
      severity === 'critical' ? 'Batterie presque vide' : 'Batterie basse',
      amount('soc', '%', 0),
      amount('houseV', 'V'),
    ),
    advice:
      severity === 'critical'
        ? 'Coupez tout ce qui peut l’être et faites tourner le moteur.'
        : 'Coupez ce qui ne sert pas, ou faites tourner le moteur.',
  }),
  battery_forecast: ({ time }) => {
    const [until, from, to] = [time('untilAt') ?? '?', time('earlyAt'), time('lateAt')];
    const last = time('lastStopAt');
    const spread = from && to && from !== to ? `Entre ${from} et ${to}. ` : '';
    return {
      text: `Batterie: tiendra jusqu'à ${until}${last ? `, dernier arrêt ${last}` : ''}.`,
      advice: `${spread}Coupez ce qui ne sert pas, ou faites tourner le moteur entre deux arrêts.`,
    };
  },
  starter_battery: ({ severity, amount }) => ({
    text: aside(
      severity === 'critical' ? 'Batterie de démarrage très basse' : 'Batterie de démarrage basse',
      amount('starterV', 'V'),
    ),
    advice: 'Le véhicule pourrait ne pas redémarrer: faites tourner le moteur 20 minutes.',
  }),
  not_charging: ({ amount }) => ({
    text: aside('Le moteur tourne mais la batterie ne charge pas', amount('houseA', 'A')),
    advice: 'Signalez-le au siège; vérifiez le fusible du chargeur.',
  }),
  charger_error: ({ values }) => ({
    text: aside('Le chargeur signale une erreur', named(CHARGER.fr, values.error)),
    advice: 'Signalez-le au siège.',
  }),
  freezing_charge: ({ amount }) => ({
    text: aside('La batterie charge alors qu’elle gèle', amount('temperatureC', '°C', 0)),
    advice: 'Chauffez la cellule, ou arrêtez la charge.',
  }),
  shunt_silent: ({ time }) => ({
    text: `Le moniteur de batterie ne répond plus${time('lastAt') ? ` depuis ${time('lastAt')}` : ''}: l'état de la batterie est inconnu.`,
    advice: 'Vérifiez son câble.',
  }),
  gps_lost: ({ time }) => ({
    text: `Position perdue${time('lastAt') ? ` depuis ${time('lastAt')}` : ''}: l'arrivée ne sera pas vue.`,
    advice: 'Dites-le avec les gros boutons; regardez si l’antenne est couverte.',
  }),
  gps_silent: () => ({
    text: "Le GPS ne répond plus: l'arrivée ne sera pas vue.",
    advice: 'Vérifiez son câble; dites l’arrivée avec les gros boutons.',
  }),
  modem_silent: () => ({ text: 'Le modem 4G ne répond plus.', advice: 'Vérifiez son câble.' }),
  device_lost: ({ values, code }) => ({
    text: aside(DEVICE_IN_FRENCH[String(values.device)] ?? 'Un appareil est débranché', code('detail')),
    advice: 'Rebranchez-le.',
  }),
  device_wrong: ({ values }) => ({
    text: `La prise du ${DEVICES.fr[String(values.device)] ?? 'capteur'} porte un autre appareil.`,
    advice: 'Les câbles ont été échangés: remettez-les à leur place.',
  }),
  sim: ({ severity, word }) => ({
    text: aside(
      severity === 'critical' ? 'La carte SIM est bloquée' : "La carte SIM n'est pas prête",
      word('sim'),
    ),
    advice: 'Appelez le siège.',
  }),
  link: ({ values, time }) => {
    const cause = causeIn('fr', values);
    const word = LINK_WORDS.fr[values.state as LinkStateWord] ?? 'mauvaise';
    const since = time('since');
    return {
      text: `Liaison ${word}${since ? ` depuis ${since}` : ''}${cause ? `: ${cause.text}` : ''}.`,
      ...(cause?.advice ? { advice: cause.advice } : {}),
    };
  },
  no_coverage: ({ values, word }) => {
    const better =
      typeof values.betterM === 'number'
        ? `Un meilleur endroit à ${values.betterM} m${toward('fr', values.betterDeg) ? ` ${toward('fr', values.betterDeg)}` : ''}.`
        : 'Tout sera gardé à bord et partira plus tard.';
    return {
      text: aside(
        `Pas de 4G attendue à ${word('stop') ?? 'cet arrêt'}`,
        values.passes === undefined ? undefined : `${values.without} passages sur ${values.passes}`,
      ),
      advice: better,
    };
  },
  data_plan: ({ amount, day }) => ({
    text: aside(
      `Le forfait 4G sera épuisé ${day('runsOutAt') ? `le ${day('runsOutAt')}` : 'avant la fin du mois'}`,
      amount('usedPercent', '% utilisés', 0),
    ),
    advice: 'Prévenez le siège.',
  }),
  pi_undervoltage: ({ values }) => ({
    text: values.now
      ? "L'alimentation du boîtier est trop faible."
      : "L'alimentation du boîtier a faibli depuis son démarrage.",
    advice: 'Signalez-le au siège.',
  }),
  pi_hot: ({ amount, severity }) => ({
    text: aside(
      severity === 'critical' ? 'Le boîtier est brûlant' : 'Le boîtier chauffe',
      amount('temperatureC', '°C', 0),
    ),
    advice: 'Aérez son compartiment.',
  }),
  disk_low: ({ amount }) => ({
    text: aside('La mémoire du boîtier est presque pleine, libre', amount('diskFreePercent', '%', 0)),
    advice: 'Signalez-le au siège.',
  }),
  root_read_only: () => ({
    text: 'La carte mémoire du boîtier ne peut plus être écrite.',
    advice: 'Signalez-le au siège aujourd’hui.',
  }),
  clock: () => ({
    text: "Le boîtier ne connaît pas l'heure: les passages ne peuvent pas être datés.",
    advice: 'Sortez à ciel ouvert quelques minutes.',
  }),
  journal: ({ values }) => ({
    text:
      values.state === 'salvaged'
        ? 'Le journal de bord était abîmé: une partie a été perdue.'
        : values.state === 'reopened'
          ? "La carte mémoire a refusé une écriture. Le journal de bord a repris, rien d'urgent n'est perdu."
          : values.state === 'full'
            ? "Le journal de bord est plein: rien n'est plus enregistré."
            : "Le journal de bord est en panne: rien n'est plus enregistré.",
    advice: 'Signalez-le au siège.',
  }),
  part_failed: ({ values }) => ({
    text: `Une partie du boîtier ne marche pas: ${named(PARTS.fr, values.part)}.`,
    advice: 'Signalez-le au siège.',
  }),
};

const en: Sentences = {
  house_battery: ({ severity, amount }) => ({
    text: aside(
      severity === 'critical' ? 'Battery nearly empty' : 'Battery low',
      amount('soc', '%', 0),
      amount('houseV', 'V'),
    ),
    advice:
      severity === 'critical'
        ? 'Switch off all you can and run the engine.'
        : 'Switch off what is not needed, or run the engine.',
  }),
  battery_forecast: ({ time }) => {
    const [until, from, to] = [time('untilAt') ?? '?', time('earlyAt'), time('lateAt')];
    const last = time('lastStopAt');
    const spread = from && to && from !== to ? `Between ${from} and ${to}. ` : '';
    return {
      text: `Battery: will last until ${until}${last ? `, last stop ${last}` : ''}.`,
      advice: `${spread}Switch off what is not needed, or run the engine between two stops.`,
    };
  },
  starter_battery: ({ severity, amount }) => ({
    text: aside(
      severity === 'critical' ? 'Starter battery very low' : 'Starter battery low',
      amount('starterV', 'V'),
    ),
    advice: 'The van might not start again: run the engine for 20 minutes.',
  }),
  not_charging: ({ amount }) => ({
    text: aside('The engine runs but the battery does not charge', amount('houseA', 'A')),
    advice: 'Tell head office; check the fuse of the charger.',
  }),
  charger_error: ({ values }) => ({
    text: aside('The charger reports an error', named(CHARGER.en, values.error)),
    advice: 'Tell head office.',
  }),
  freezing_charge: ({ amount }) => ({
    text: aside('The battery charges while it is freezing', amount('temperatureC', '°C', 0)),
    advice: 'Heat the cabin, or stop the charge.',
  }),
  shunt_silent: ({ time }) => ({
    text: `The battery monitor is silent${time('lastAt') ? ` since ${time('lastAt')}` : ''}: the state of the battery is unknown.`,
    advice: 'Check its cable.',
  }),
  gps_lost: ({ time }) => ({
    text: `Position lost${time('lastAt') ? ` since ${time('lastAt')}` : ''}: the arrival will not be seen.`,
    advice: 'Tell it with the big buttons; see whether the antenna is covered.',
  }),
  gps_silent: () => ({
    text: 'The GPS is silent: the arrival will not be seen.',
    advice: 'Check its cable; tell the arrival with the big buttons.',
  }),
  modem_silent: () => ({ text: 'The 4G modem is silent.', advice: 'Check its cable.' }),
  device_lost: ({ values, code }) => ({
    text: aside(`The ${DEVICES.en[String(values.device)] ?? 'device'} is unplugged`, code('detail')),
    advice: 'Plug it in again.',
  }),
  device_wrong: ({ values }) => ({
    text: `Another device is plugged where the ${DEVICES.en[String(values.device)] ?? 'sensor'} should be.`,
    advice: 'The cables were swapped: put them back.',
  }),
  sim: ({ severity, word }) => ({
    text: aside(
      severity === 'critical' ? 'The SIM card is locked' : 'The SIM card is not ready',
      word('sim'),
    ),
    advice: 'Call head office.',
  }),
  link: ({ values, time }) => {
    const cause = causeIn('en', values);
    const word = LINK_WORDS.en[values.state as LinkStateWord] ?? 'bad';
    const since = time('since');
    return {
      text: `Link ${word}${since ? ` since ${since}` : ''}${cause ? `: ${cause.text}` : ''}.`,
      ...(cause?.advice ? { advice: cause.advice } : {}),
    };
  },
  no_coverage: ({ values, word }) => {
    const better =
      typeof values.betterM === 'number'
        ? `A better spot ${values.betterM} m away${toward('en', values.betterDeg) ? `, ${toward('en', values.betterDeg)}` : ''}.`
        : 'All will be kept on board and sent later.';
    return {
      text: aside(
        `No 4G expected at ${word('stop') ?? 'this stop'}`,
        values.passes === undefined ? undefined : `${values.without} of ${values.passes} visits`,
      ),
      advice: better,
    };
  },
  data_plan: ({ amount, day }) => ({
    text: aside(
      `The data plan will be used up ${day('runsOutAt') ? `on ${day('runsOutAt')}` : 'before the end of the month'}`,
      amount('usedPercent', '% used', 0),
    ),
    advice: 'Tell head office.',
  }),
  pi_undervoltage: ({ values }) => ({
    text: values.now
      ? 'The supply of the box is too weak.'
      : 'The supply of the box was weak since it started.',
    advice: 'Tell head office.',
  }),
  pi_hot: ({ amount, severity }) => ({
    text: aside(
      severity === 'critical' ? 'The box is very hot' : 'The box is hot',
      amount('temperatureC', '°C', 0),
    ),
    advice: 'Give its compartment some air.',
  }),
  disk_low: ({ amount }) => ({
    text: aside('The memory of the box is nearly full, free', amount('diskFreePercent', '%', 0)),
    advice: 'Tell head office.',
  }),
  root_read_only: () => ({
    text: 'The memory card of the box can no longer be written.',
    advice: 'Tell head office today.',
  }),
  clock: () => ({
    text: 'The box does not know the time: visits cannot be dated.',
    advice: 'Stand under the open sky for some minutes.',
  }),
  journal: ({ values }) => ({
    text:
      values.state === 'salvaged'
        ? 'The log on board was damaged: a part of it was lost.'
        : values.state === 'reopened'
          ? 'The memory card refused a write. The log on board goes on; nothing urgent is lost.'
          : values.state === 'full'
            ? 'The log on board is full: nothing is stored any more.'
            : 'The log on board has failed: nothing is stored any more.',
    advice: 'Tell head office.',
  }),
  part_failed: ({ values }) => ({
    text: `A part of the box does not work: ${named(PARTS.en, values.part)}.`,
    advice: 'Tell head office.',
  }),
};

const SENTENCES: Record<Language, Sentences> = { fr, en };

/** The sentence and the advice of an alert; an alert of a newer version says its name. */
export function alertText(
  language: Language,
  alert: { readonly alert: string; readonly severity: Severity; readonly values: AlertValues },
  timezone: string,
): AlertText {
  const { values, severity } = alert;
  const number = (name: string) => (typeof values[name] === 'number' ? (values[name] as number) : undefined);
  const say: Say = {
    values,
    severity,
    time: (name) => {
      const at = number(name);
      return at === undefined ? undefined : clock(language, at, timezone);
    },
    day: (name) => {
      const at = number(name);
      return at === undefined ? undefined : longDate(language, at, timezone);
    },
    amount: (name, unit, digits = 1) => {
      const value = number(name);
      if (value === undefined) return undefined;
      const text = value.toFixed(digits).replace('.', language === 'fr' ? ',' : '.');
      return language === 'fr' || unit !== '%' ? `${text} ${unit}` : `${text}${unit}`;
    },
    word: (name) => (typeof values[name] === 'string' ? (values[name] as string) : undefined),
    code: (name) => {
      const text = typeof values[name] === 'string' ? (values[name] as string) : '';
      return text !== '' && !/\s/.test(text) ? text : undefined;
    },
  };
  const sentence = (SENTENCES[language] as Record<string, ((say: Say) => AlertText) | undefined>)[
    alert.alert
  ];
  return sentence ? sentence(say) : { text: `${alert.alert}.` };
}

/** An alert as a text message: ≤ 160 characters of the GSM alphabet, van first, advice where it fits. */
export function alertSms(
  language: Language,
  alert: { readonly alert: string; readonly severity: Severity; readonly values: AlertValues },
  van: string,
  timezone: string,
): string {
  const { text, advice } = alertText(language, alert, timezone);
  const short = gsm7(`${van}: ${text}`);
  const whole = advice ? gsm7(`${van}: ${text} ${advice}`) : short;
  return whole.length <= SMS_MAX ? whole : short.slice(0, SMS_MAX);
}

/** The words of the cab page itself. */
export const cabWords = dictionary(
  {
    title: 'Cabine',
    skip: 'Aller aux gestes',
    shownToTenants: 'Affiché aux locataires',
    notYetReceived: 'Le siège n’a pas encore reçu les dernières nouvelles.',
    nothingShown: "Rien n'est affiché aujourd'hui.",
    next: 'Ensuite',
    noMore: 'Plus d’arrêt aujourd’hui.',
    seen: 'Vu',
    seenAlert: (text: string) => `Vu: ${text}`,
    moreAlerts: (n: number) => (n === 1 ? '1 autre alerte' : `${n} autres alertes`),
    seenAlerts: 'Alertes déjà vues',
    noAlert: 'Aucune alerte.',
    unknownSince: (time: string) => `Plus de mesure depuis ${time}.`,
    open: 'Ouvrir',
    close: 'Fermer',
    late: 'Retard',
    other: 'Autre…',
    gestures: 'Gestes',
    gesturesFor: (stop: string, from: string) => `Pour ${stop}, ${from}`,
    chooseVisit: 'Changer d’arrêt',
    change: 'Changer',
    howLate: 'Retard de combien?',
    minutes: (n: number) => `${n} minutes`,
    onTime: 'Finalement comme prévu',
    cancelVisit: 'Annuler ce passage',
    whyCancelled: 'Pourquoi? Les locataires le liront.',
    reasons: ['Véhicule en panne', 'Route fermée', 'Équipe absente', 'Météo', 'Salle ou place indisponible'],
    movedHere: 'Nous sommes ici, pas à la place prévue',
    movedName: 'Nom de la place (les locataires le liront)',
    movedExample: 'parking de la gare',
    movedSure: 'Dire que nous sommes ici',
    movedNoGps: 'Position inconnue: attendez le GPS.',
    pause: 'Pause',
    pauseFor: 'Pause de combien?',
    pauseOpen: 'Sans durée',
    offDuty: 'Hors service',
    offDutyExplain: 'Plus aucune position n’est gardée ni envoyée.',
    onDuty: 'Reprendre le service',
    isOffDuty: 'Hors service: aucune position n’est gardée ni envoyée.',
    isPaused: (time: string) => `En pause jusqu'à ${time}: aucune position n’est gardée ni envoyée.`,
    undoGesture: 'Annuler ce geste',
    inSeconds: (what: string, n: number) => `${what} dans ${n}\u00a0s`,
    undo: 'Défaire',
    acts: {
      open: 'Ouvert',
      closed: 'Fermé',
      late: 'Retard',
      moved: 'Déplacé ici',
      cancelled: 'Passage annulé',
      off_duty: 'Hors service',
      on_duty: 'En service',
      pause: 'Pause',
    },
    told: (what: string, time: string | undefined) =>
      time ? `${what}, dit à ${time}.` : `${what}, c’est noté.`,
    received: 'Reçu par le siège.',
    keptOnBoard: 'Gardé à bord, partira dès que le réseau revient.',
    notStored: 'Ce geste n’a pas été enregistré. Recommencez.',
    messages: 'Message du siège',
    read: 'Lu',
    noMessage: 'Aucun message.',
    back: 'Retour',
    charging: 'charge',
    discharging: 'décharge',
    atRest: 'au repos',
    batteryUnknown: 'Batterie: inconnue',
    holdsUntil: (time: string) => `tiendra jusqu'à ${time}`,
    noMonitor: 'Batterie: pas de moniteur',
    link: 'Liaison',
    linkUnknown: 'Liaison: pas encore connue',
    waiting: (n: number) => (n === 1 ? '1 message attend' : `${n} messages attendent`),
    gpsLost: 'GPS perdu',
    gpsNone: 'GPS: aucune position',
    gpsOff: 'GPS: hors service',
    gpsTo: (m: number) => `GPS ± ${m} m`,
    gpsGood: 'GPS bon',
    soundOff: 'Activer le son et la vibration',
    soundOn: 'Son et vibration activés',
    night: 'Nuit',
    day: 'Jour',
    auto: 'Automatique',
    display: 'Affichage',
    settings: 'Réglages',
    language: 'Langue',
    screenHint:
      "Pour que l'écran reste allumé: dans les réglages de la tablette, Affichage, Mise en veille, choisissez la durée la plus longue et gardez-la branchée.",
    installHint: 'Pour une page plein écran: menu du navigateur, «Ajouter à l’écran d’accueil».',
    mine: 'Mes données',
    lost: (time: string) => `Le boîtier ne répond plus depuis ${time}. Cette page revient seule.`,
    lostNow: 'Le boîtier ne répond pas. Cette page revient seule.',
    cameBack: 'Le boîtier a redémarré. Tout est à jour.',
    noTime: "Le boîtier ne connaît pas encore l'heure.",
    undated: 'Sans nouvelles de nous, tant que le GPS ou le réseau ne donne pas l’heure.',
    undatedActs:
      'Batterie et alertes marchent. Ce que vous dites est gardé, et daté dès que l’heure est connue.',
    whichVisit: 'Choisir l’arrêt',
    pinTitle: 'Code du véhicule',
    pinHelp: 'Il est sur la fiche du véhicule.',
    pinEnter: 'Entrer',
    pinErase: 'Effacer',
    pinWrong: 'Code faux.',
    pinWait: (n: number) => `Trop d'essais. Réessayez dans ${n} min.`,
    noPin: 'Sans code: cette page n’est ouverte que sur cet appareil.',
    sms: 'SMS envoyés',
    smsOutcome: {
      sending: 'en cours',
      sent: 'envoyé',
      failed: 'échec',
      unknown: 'peut-être envoyé: on ne le renvoie pas',
    },
    mineText: {
      intro:
        "Ce véhicule enregistre sa position pour dire aux locataires si l'agence est là. Cela ne sert ni à compter les heures de travail, ni à surveiller la conduite.",
      duty: (time: string) => `En service depuis ${time}.`,
      notOnDuty: 'Hors service: rien de ce qui situe le véhicule n’est enregistré.',
      recorded: 'Enregistré pendant ce service',
      stays: (days: number) => `Reste ${days} jours à bord, puis est effacé.`,
      staysDepot:
        'Au siège: positions 60 jours, passages 1 an. Aucune vitesse n’est gardée, aucun nom de conducteur.',
      switchLog: 'Mises en service et hors service',
      on: 'en service',
      off: 'hors service',
      why: {
        agenda: 'selon le planning',
        switch: "à la main, par l'équipe",
        visit: 'passage en cours',
        always: 'réglage du banc',
      },
      looked: 'Qui a regardé',
      nobody: 'Personne n’a regardé.',
      notSent: 'Le siège n’a pas encore envoyé son journal d’accès.',
      roles: { reader: 'lecture', planner: 'planning', administrator: 'administration' },
      looks: {
        live: 'la position du moment',
        day: 'une journée passée',
        export: 'un export',
        positions: 'les positions gardées',
      },
      rights: 'Questions, accès, effacement: le délégué à la protection des données du siège.',
      kinds: {
        fix: 'positions',
        lost: 'pertes de position',
        power: 'mesures de batterie',
        link: 'mesures de réseau',
        health: 'mesures du boîtier',
        visit: 'changements de passage',
        alert: 'alertes',
        act: 'gestes',
        sms: 'SMS',
        event: 'événements d’appareils',
      },
    },
  },
  {
    title: 'Cab',
    skip: 'Go to the gestures',
    shownToTenants: 'Shown to tenants',
    notYetReceived: 'Head office has not received the latest news yet.',
    nothingShown: 'Nothing is shown today.',
    next: 'Next',
    noMore: 'No more stop today.',
    seen: 'Seen',
    seenAlert: (text: string) => `Seen: ${text}`,
    moreAlerts: (n: number) => (n === 1 ? '1 more alert' : `${n} more alerts`),
    seenAlerts: 'Alerts already seen',
    noAlert: 'No alert.',
    unknownSince: (time: string) => `No reading since ${time}.`,
    open: 'Open',
    close: 'Close',
    late: 'Late',
    other: 'Other…',
    gestures: 'Gestures',
    gesturesFor: (stop: string, from: string) => `For ${stop}, ${from}`,
    chooseVisit: 'Change stop',
    change: 'Change',
    howLate: 'How late?',
    minutes: (n: number) => `${n} minutes`,
    onTime: 'As planned after all',
    cancelVisit: 'Cancel this visit',
    whyCancelled: 'Why? Tenants will read it.',
    reasons: ['Van broken down', 'Road closed', 'Crew absent', 'Weather', 'Place not available'],
    movedHere: 'We are here, not at the planned place',
    movedName: 'Name of the place (tenants will read it)',
    movedExample: 'station car park',
    movedSure: 'Tell that we are here',
    movedNoGps: 'Position unknown: wait for the GPS.',
    pause: 'Pause',
    pauseFor: 'For how long?',
    pauseOpen: 'No set time',
    offDuty: 'Off duty',
    offDutyExplain: 'No position is kept or sent any more.',
    onDuty: 'Back on duty',
    isOffDuty: 'Off duty: no position is kept or sent.',
    isPaused: (time: string) => `Pause until ${time}: no position is kept or sent.`,
    undoGesture: 'Take this back',
    inSeconds: (what: string, n: number) => `${what} in ${n}\u00a0s`,
    undo: 'Undo',
    acts: {
      open: 'Open',
      closed: 'Closed',
      late: 'Late',
      moved: 'Moved here',
      cancelled: 'Visit cancelled',
      off_duty: 'Off duty',
      on_duty: 'On duty',
      pause: 'Pause',
    },
    told: (what: string, time: string | undefined) =>
      time ? `${what}, told at ${time}.` : `${what}: noted.`,
    received: 'Received by head office.',
    keptOnBoard: 'Kept on board, goes as soon as the network is back.',
    notStored: 'This was not stored. Please do it again.',
    messages: 'Message from head office',
    read: 'Read',
    noMessage: 'No message.',
    back: 'Back',
    charging: 'charging',
    discharging: 'discharging',
    atRest: 'at rest',
    batteryUnknown: 'Battery: unknown',
    holdsUntil: (time: string) => `lasts until ${time}`,
    noMonitor: 'Battery: no monitor',
    link: 'Link',
    linkUnknown: 'Link: not known yet',
    waiting: (n: number) => (n === 1 ? '1 message waits' : `${n} messages wait`),
    gpsLost: 'GPS lost',
    gpsNone: 'GPS: no position',
    gpsOff: 'GPS: off duty',
    gpsTo: (m: number) => `GPS ± ${m} m`,
    gpsGood: 'GPS good',
    soundOff: 'Turn on sound and vibration',
    soundOn: 'Sound and vibration are on',
    night: 'Night',
    day: 'Day',
    auto: 'Automatic',
    display: 'Display',
    settings: 'Settings',
    language: 'Language',
    screenHint:
      'To keep the screen on: in the settings of the tablet, Display, Sleep, choose the longest time and keep it plugged in.',
    installHint: 'For a full-screen page: browser menu, “Add to home screen”.',
    mine: 'My data',
    lost: (time: string) => `The box has not answered since ${time}. This page comes back by itself.`,
    lostNow: 'The box does not answer. This page comes back by itself.',
    cameBack: 'The box was restarted. All is up to date.',
    noTime: 'The box does not know the time yet.',
    undated: 'No news of us, until GPS or the network gives the time.',
    undatedActs: 'Battery and alerts work. What you tell is kept, and dated as soon as the time is known.',
    whichVisit: 'Choose the stop',
    pinTitle: 'Code of the van',
    pinHelp: 'It is on the sheet of the van.',
    pinEnter: 'Enter',
    pinErase: 'Erase',
    pinWrong: 'Wrong code.',
    pinWait: (n: number) => `Too many tries. Try again in ${n} min.`,
    noPin: 'No code: this page is open on this device only.',
    sms: 'Text messages sent',
    smsOutcome: {
      sending: 'under way',
      sent: 'sent',
      failed: 'failed',
      unknown: 'may have been sent: it is not sent again',
    },
    mineText: {
      intro:
        'This van records its position to tell tenants whether the agency is there. It serves neither to count working hours nor to watch the driving.',
      duty: (time: string) => `On duty since ${time}.`,
      notOnDuty: 'Off duty: nothing that locates the van is recorded.',
      recorded: 'Recorded on this duty',
      stays: (days: number) => `Stays ${days} days on board, then is erased.`,
      staysDepot: 'At head office: positions 60 days, visits 1 year. No speed is kept, and no driver’s name.',
      switchLog: 'On and off duty',
      on: 'on duty',
      off: 'off duty',
      why: {
        agenda: 'by the planning',
        switch: 'by hand, by the crew',
        visit: 'visit under way',
        always: 'bench setting',
      },
      looked: 'Who looked',
      nobody: 'Nobody looked.',
      notSent: 'Head office has not sent its access journal yet.',
      roles: { reader: 'reading', planner: 'planning', administrator: 'administration' },
      looks: {
        live: 'the position of the moment',
        day: 'a past day',
        export: 'an export',
        positions: 'the positions kept',
      },
      rights: 'Questions, access, erasure: the data protection officer at head office.',
      kinds: {
        fix: 'positions',
        lost: 'losses of position',
        power: 'battery readings',
        link: 'network readings',
        health: 'readings of the box',
        visit: 'changes of visits',
        alert: 'alerts',
        act: 'gestures',
        sms: 'text messages',
        event: 'device events',
      },
    },
  },
);
