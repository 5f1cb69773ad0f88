/** What a planner's open tab does: says that somebody looks at this van, so that its news come faster (DESIGN §4). */
export async function lookAt(depot: string, van: string): Promise<void> {
  const { csrf } = (await (await fetch(`${depot}/api/session`)).json()) as { csrf: string };
  const answer = await fetch(`${depot}/api/watch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf': csrf },
    body: JSON.stringify({ van }),
  });
  if (!answer.ok) throw new Error(`/api/watch answered ${answer.status}`);
}
