/** The value below which the share `q` of the samples lies. */
export function quantile(samples, q) {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

export const median = (samples) => quantile(samples, 0.5);
