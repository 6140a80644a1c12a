/** What a resident sees and says: their report, where it stands, and whether it helped. */
export { PHOTOS_MAX, findStatus, grade, notSolved, readStatus, sendReport, type Report, type Status } from "./data/resident";

/** Reports made on this device, so that a lost link is not a lost report. Only number and token, no words. */
const REMEMBERED = "huying.my-reports";
const MINE_MAX = 10;

export interface Mine {
  case: string;
  token: string;
  at: number;
}

export const mine = (): Mine[] => JSON.parse(localStorage.getItem(REMEMBERED) ?? "[]") as Mine[];

export function remember(report: Mine): void {
  localStorage.setItem(REMEMBERED, JSON.stringify([report, ...mine()].slice(0, MINE_MAX)));
}
