import type { RowOf } from '../../../protocol/rows.ts';
import { sentenceOf } from '../../../visit/evidence.ts';
import type { Evidence as PresenceEvidence } from '../../../visit/presenceChange.ts';
import type { VanVerdict } from '../../core/vanView.ts';
import { language, timezone } from './state.ts';

type Change = Pick<VanVerdict, 'state' | 'at' | 'because' | 'evidence' | 'agenda'> &
  Partial<Pick<RowOf<'visit'>, 'visit' | 'open' | 'movedTo'>>;

/** Why, in the reader's language; a verdict of another rule keeps the English sentence that the van wrote. */
export function Because({ change }: { change: Change }) {
  const { evidence } = change;
  if (typeof evidence.rule !== 'string') return <span lang="en">{change.because}</span>;
  const { open, movedTo } = change;
  const told = {
    at: Date.parse(change.at),
    visit: change.visit ?? '',
    agenda: change.agenda,
    state: change.state,
    ...(open === undefined ? {} : { open }),
    ...(movedTo ? { movedTo: movedTo as never } : {}),
    evidence: { timezone: timezone.value, ...evidence } as unknown as PresenceEvidence,
  };
  return <span>{sentenceOf(told, language.value)}.</span>;
}
