// Numbers, times and amounts as text. What is missing is a dash.

const none = "–";
const whole = new Intl.NumberFormat("en");
const dateTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

/** A metric of 0..1 in points: 0.4371 is 43.7. */
export const points = (value, digits = 1) => value == null ? none : (100 * value).toFixed(digits);

/** A difference of metrics in points, with its sign. */
export const difference = (value, digits = 1) => {
  if (value == null) return none;
  const text = points(Math.abs(value), digits);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
};

/** A number with so many digits after the point. */
export const fixed = (value, digits = 2) => value == null ? none : value.toFixed(digits).replace("-", "−");

/** A share of 0..1 in percent; what is not nothing is not told as 0 %. */
export function percent(value, digits = 0) {
  if (value == null) return none;
  const least = 10 ** -digits;
  return value > 0 && 100 * value < least / 2 ? `<${least.toFixed(digits)} %` : `${(100 * value).toFixed(digits)} %`;
}

/** A count: 12,345. */
export const count = value => value == null ? none : whole.format(value);

/** A count with its word: 1 image, 12,345 images. */
export const counted = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** A large count, short: 12.4 M. */
export function short(value) {
  if (value == null) return none;
  const unit = [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]].find(([size]) => Math.abs(value) >= size);
  return unit ? `${digits3(value / unit[0])}${unit[1]}` : whole.format(value);
}

/** Bytes. */
export function bytes(value) {
  if (value == null) return none;
  const unit = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]].find(([size]) => value >= size);
  return unit ? `${digits3(value / unit[0])} ${unit[1]}` : `${value} B`;
}

/** Milliseconds. */
export const milliseconds = value => value == null ? none : value >= 10_000 ? duration(value / 1000) : value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} ms`;

/** Seconds: 4 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function duration(seconds) {
  if (seconds == null) return none;
  const s = Math.max(0, Math.round(seconds));
  const pair = (large, unit, small, smallUnit) => `${large} ${unit}${small ? ` ${small} ${smallUnit}` : ""}`;
  if (s < 60) return `${s} s`;
  if (s < 3600) return pair(Math.floor(s / 60), "min", s % 60, "s");
  if (s < 86_400) return pair(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
  return pair(Math.floor(s / 86_400), "d", Math.floor((s % 86_400) / 3600), "h");
}

/** A time, in this machine's zone: 27 Nov 2026, 22:31. */
export const date = iso => iso == null ? none : dateTime.format(new Date(iso));

/** How long ago a time is: 4 s ago, 3 min ago. */
export function ago(iso, now = Date.now()) {
  if (iso == null) return none;
  const seconds = (now - new Date(iso)) / 1000;
  return seconds < 2 ? "now" : `${duration(seconds).split(" ").slice(0, 2).join(" ")} ago`;
}

const digits3 = value => Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
