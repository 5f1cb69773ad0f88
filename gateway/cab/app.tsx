import { useEffect, useRef, useState } from 'preact/hooks';
import { clock } from '../../visit/format.ts';
import { cabWords } from '../../web/dictionaryCab.ts';
import type { CabPress, CabView, CabVisit } from '../core/cabView.ts';
import { AlertBox } from './alertBox.tsx';
import { useAnnounced } from './announce.ts';
import { type Page, PageContext, type Panel } from './context.ts';
import { Countdown } from './countdown.tsx';
import { Gestures } from './gestures.tsx';
import { type Live, useLive, useNow } from './live.ts';
import { MinePanel } from './minePanel.tsx';
import {
  AlertsPanel,
  CancelPanel,
  LatePanel,
  MessagesPanel,
  MovedPanel,
  OtherPanel,
  PausePanel,
  VisitsPanel,
} from './panels.tsx';
import { PinPad } from './pinPad.tsx';
import { applyPrefs, loadPrefs, type Prefs, savePrefs } from './prefs.ts';
import { press } from './press.ts';
import { SettingsPanel } from './settingsPanel.tsx';
import { StatusLine } from './statusLine.tsx';
import { Tour } from './tour.tsx';

/** The cab page: one column, the worst first, three big gestures (PAGES, «Cab»). */
export function App({ van, hasPin }: { van: string; hasPin: boolean }) {
  const [attempt, setAttempt] = useState(0);
  const live = useLive(attempt);
  const [prefs, setPrefs] = useState(loadPrefs);
  const [panel, setPanel] = useState<Panel>();
  const [chosen, setChosen] = useState<string>();
  const { tell, busy, problem } = useTell(live, prefs, () => setPanel(undefined));
  useEffect(() => {
    applyPrefs(prefs);
    savePrefs(prefs);
  }, [prefs]);
  const now = useNow(live);
  const { view } = live;
  const timezone = view?.timezone ?? 'Europe/Paris';
  const { language } = prefs;
  const words = cabWords[language];
  const page: Page = {
    language,
    timezone,
    time: (ms) => clock(language, ms, timezone),
    tell,
    open: setPanel,
    busy,
  };
  const spoken = useAnnounced(view, prefs);
  return (
    <PageContext.Provider value={page}>
      {view && !live.needsPin && panel === undefined ? (
        <a class="skip" href="#gestures">
          {words.skip}
        </a>
      ) : null}
      <p class="spoken" role="status">
        {spoken}
      </p>
      {live.needsPin ? (
        <main>
          <PinPad onOpen={() => setAttempt((n) => n + 1)} />
        </main>
      ) : (
        <main>
          <h1 class="spoken">
            {words.title} {van}
          </h1>
          <Banners live={live} problem={problem} page={page} />
          {view ? (
            <Body
              view={view}
              live={live}
              now={now}
              panel={panel}
              visit={visitOf(view, chosen)}
              prefs={prefs}
              onPrefs={setPrefs}
              onChoose={(visit) => {
                setChosen(visit);
                setPanel(undefined);
              }}
            />
          ) : null}
          {hasPin ? null : <p class="quiet">{words.noPin}</p>}
        </main>
      )}
    </PageContext.Provider>
  );
}

/** The visit that the gestures are about: the one chosen while it is of today, else the current one. */
const visitOf = (view: CabView, chosen: string | undefined): CabVisit | undefined =>
  view.visits.find((v) => v.visit === chosen) ?? view.visits.find((v) => v.visit === view.current);

function Banners(props: { live: Live; problem: string | undefined; page: Page }) {
  const { live, problem, page } = props;
  const words = cabWords[page.language];
  const at = live.view?.at;
  return (
    <div role="alert">
      {live.lost ? (
        <p class="banner bad">{at === undefined ? words.lostNow : words.lost(page.time(at))}</p>
      ) : live.restarted ? (
        <p class="banner">{words.cameBack}</p>
      ) : null}
      {problem === undefined ? null : <p class="banner bad">{problem}</p>}
      {live.view && at === undefined ? <p class="banner">{words.noTime}</p> : null}
    </div>
  );
}

type BodyProps = {
  readonly view: CabView;
  readonly live: Live;
  readonly now: number | undefined;
  readonly panel: Panel | undefined;
  readonly visit: CabVisit | undefined;
  readonly prefs: Prefs;
  readonly onPrefs: (prefs: Prefs) => void;
  readonly onChoose: (visit: string) => void;
};

function Body(props: BodyProps) {
  const { view, live, now, panel, visit } = props;
  return (
    <>
      <Tour view={view} visit={visit} now={now} />
      {panel === undefined ? (
        <>
          <AlertBox alerts={view.alerts} />
          <StatusLine view={view} />
          <Gestures view={view} viewMs={live.viewMs} visit={visit} now={now} />
        </>
      ) : (
        <>
          {view.pending ? <Countdown pending={view.pending} viewMs={live.viewMs} /> : null}
          <OpenPanel {...props} panel={panel} />
          <StatusLine view={view} />
        </>
      )}
    </>
  );
}

function OpenPanel({ view, now, panel, visit, prefs, onPrefs, onChoose }: BodyProps & { panel: Panel }) {
  switch (panel) {
    case 'late':
      return visit ? <LatePanel visit={visit} /> : null;
    case 'cancel':
      return visit ? <CancelPanel visit={visit} /> : null;
    case 'moved':
      return visit ? <MovedPanel view={view} visit={visit} /> : null;
    case 'other':
      return <OtherPanel view={view} visit={visit} />;
    case 'pause':
      return <PausePanel />;
    case 'visits':
      return <VisitsPanel view={view} onChoose={onChoose} />;
    case 'alerts':
      return <AlertsPanel view={view} />;
    case 'messages':
      return <MessagesPanel view={view} />;
    case 'settings':
      return <SettingsPanel prefs={prefs} onPrefs={onPrefs} />;
    case 'mine':
      return <MinePanel view={view} now={now} />;
  }
}

/** Telling an act, and whether it came to nothing: refused, never answered, or lost while it waited. */
function useTell(live: Live, prefs: Prefs, done: () => void) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const waiting = useRef<{ key: string; session: string }>(undefined);
  const words = cabWords[prefs.language];
  const { view } = live;

  useEffect(() => {
    if (!view) return;
    if (view.pending) waiting.current = { key: view.pending.key, session: view.session };
    else if (waiting.current) {
      const { key, session } = waiting.current;
      if (session !== view.session && view.lastAct?.key !== key) setProblem(words.notStored);
      waiting.current = undefined;
    }
  }, [view, words]);

  async function tell(act: Omit<CabPress, 'key'>): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    const answer = await press(act);
    setBusy(false);
    if (answer.ok) done();
    // The reason is for the log: it is in English, and says nothing that the driver can do.
    else setProblem(words.notStored);
  }
  return { tell: (act: Omit<CabPress, 'key'>) => void tell(act), busy, problem };
}
