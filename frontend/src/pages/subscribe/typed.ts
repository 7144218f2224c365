/** What somebody has typed into the form. */
export interface Typed {
  name: string;
  email: string;
  address: string;
  postalCode: string;
  city: string;
  region: string;
  country: string;
}

/** The fields of an address, in the order they are compared. */
export const ADDRESS_FIELDS = ["address", "postalCode", "city", "region", "country"] as const;
export type AddressField = (typeof ADDRESS_FIELDS)[number];
