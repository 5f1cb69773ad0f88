import type { ComponentChildren } from 'preact';
import { SOURCE_WORDS, STATE_WORDS } from '../../../web/dictionary.ts';
import { type Language, when } from '../../../web/format.ts';
import { Sign } from '../../../web/signs.tsx';
import { Typeset } from '../../../web/text.tsx';
import type { Told } from '../../core/publicBoard.ts';
import { words } from './words.ts';

type Props = {
  readonly told: Told;
  readonly language: Language;
  readonly nowMs: number;
  readonly place?: boolean;
};

/** The first sentence is read from across the square; what follows is smaller. */
const FIRST_SENTENCE = /^(.*?\.)(?: (?=\p{Lu})(.*))?$/su;

/** The statement: what a tenant came for. Sign, words, source and age; colour is the last of them. */
function StatementCard({ told, language, nowMs, place }: Props) {
  const { facts, statement } = told;
  const [, first = '', rest] = FIRST_SENTENCE.exec(statement.sentence[language]) ?? [];
  return (
    <section class={`card state-${statement.state}`} data-visit={facts.id} data-state={statement.state}>
      {place ? <h2 class="card-place">{facts.name}</h2> : null}
      <p class="statement">
        <Sign state={statement.state} size={28} />
        <span class="spoken">{STATE_WORDS[language][statement.state]}. </span>
        <span class="sentence">
          <Typeset text={first} />
          {rest ? (
            <span class="rest">
              {' '}
              <Typeset text={rest} />
            </span>
          ) : null}
        </span>
      </p>
      {statement.following ? (
        <p class="following">
          <Typeset text={statement.following[language]} />
        </p>
      ) : null}
      <p class="source">
        {SOURCE_WORDS[language][statement.source]},{' '}
        <time datetime={told.json.at} data-at={statement.atMs}>
          {when(language, statement.atMs, nowMs, facts.timezone)}
        </time>
      </p>
    </section>
  );
}

/** The statements of the moment, the place named where there are several; replaced as one by the live line. */
export function LiveStatements(props: {
  readonly commune: string;
  readonly now: readonly Told[];
  readonly language: Language;
  readonly nowMs: number;
  readonly children?: ComponentChildren;
}) {
  const { commune, now, language, nowMs, children } = props;
  return (
    <div id="live" data-commune={commune}>
      {now.length === 0 ? <p class="card">{words[language].noVisitsHere}</p> : null}
      {now.map((told) => (
        <StatementCard
          key={told.facts.id}
          told={told}
          language={language}
          nowMs={nowMs}
          place={now.length > 1}
        />
      ))}
      {children}
    </div>
  );
}
