export function absences(_seed: number): string | undefined {
  return undefined;
}
