/**
 * How a modem's supply is cut, as the configuration says it: `usb:1-1.2` (a device on its USB port), `gpio:gpiochip0/17` or
 * `gpio:gpiochip0/17/low` (a line that opens the supply's switch while it is high, or low).
 */
export const POWER_CYCLE = /^(usb:\d+-\d+(\.\d+)*|gpio:gpiochip\d+\/\d+(\/low)?)$/;
