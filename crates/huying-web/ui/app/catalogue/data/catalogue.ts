import { ask, type Words } from "@/wire/data/http";

export interface Named extends Words {
  name: string;
}

/** The part of a JSON schema that forms of acts use. */
export interface Schema {
  type?: string | string[];
  enum?: (string | null)[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  format?: string;
  description?: string;
  maxLength?: number;
}

export interface Field {
  name: string;
  required: boolean;
  schema?: Schema;
  list?: string;
}

export interface AskForm extends Named {
  fields: Field[];
}

export interface Condition extends Words {
  id: string;
  resolve: string | null;
}

export interface MatterClass extends Words {
  id: string;
  conditions: Condition[];
}

export interface Unit {
  id: string;
  area: string | null;
  parent: string | null;
  level: string | null;
  words: Words;
  staff: number;
}

export interface Catalogue {
  city: Words | null;
  zone: string;
  label: string;
  centre: string;
  lists: Record<string, Named[]> & { ask?: AskForm[] };
  classes: MatterClass[];
  units: Unit[];
  bounds: Record<string, number>;
}

export const readCatalogue = () => ask<Catalogue>("GET", "/v1/catalogue");
