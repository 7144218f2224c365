export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * The `Date` scalar type represents a Date
   * value as specified by
   * [iso8601](https://en.wikipedia.org/wiki/ISO_8601).
   */
  Date: { input: string; output: string; }
  /** Date with time (isoformat) */
  DateTime: { input: string; output: string; }
  /** Represents a file upload. */
  Upload: { input: File; output: File; }
};

/** Which columns of a table hold what; by their names in the header. */
export type AddressColumnsInput = {
  /** Street and house number; several columns are joined in this order. */
  address: Array<Scalars['String']['input']>;
  /** City or village. */
  city?: InputMaybe<Scalars['String']['input']>;
  /** ISO 3166 alpha-2 code. */
  country?: InputMaybe<Scalars['String']['input']>;
  /** The address's id in its source; made of what the row says where there is none. */
  id?: InputMaybe<Scalars['String']['input']>;
  /** Degrees north, WGS 84. */
  latitude?: InputMaybe<Scalars['String']['input']>;
  /** Degrees east, WGS 84. */
  longitude?: InputMaybe<Scalars['String']['input']>;
  /** A business or a building. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Postal code. */
  postalCode?: InputMaybe<Scalars['String']['input']>;
  /** State, province or region. */
  region?: InputMaybe<Scalars['String']['input']>;
};

/** How a register is written down. */
export type AddressFileFormat =
  /** The French Base Adresse Nationale, `adresses-*.csv`. */
  | 'BAN_CSV'
  /** A table with a header: our own columns, or those that `columns` names. */
  | 'CSV'
  /** A table of OpenAddresses: LON, LAT, NUMBER, STREET, UNIT, CITY, … */
  | 'OPENADDRESSES_CSV'
  /** OpenAddresses as GeoJSON, one feature a line. */
  | 'OPENADDRESSES_GEOJSON';

/** Where an import of addresses into the register stands. */
export type AddressImportStatus =
  /** It could not go on. */
  | 'FAILED'
  /** Every accepted row is in the register. */
  | 'FINISHED'
  /** Accepted, and waiting for its turn. */
  | 'QUEUED'
  /** Being written into the register. */
  | 'RUNNING';

/** What a list of addresses is sorted by. */
export type AddressOrder =
  /** By city; those without one first. */
  | 'CITY'
  /** The last one that was changed first. */
  | 'LAST_CHANGED_FIRST'
  /** The last one that came into the register first. */
  | 'NEWEST_FIRST'
  /** By postal code; those without one first. */
  | 'POSTAL_CODE';

/** What became of an address. */
export type AddressStatus =
  /** In use: typed addresses are matched against it. */
  | 'ACTIVE'
  /** A duplicate; another address stands for it. */
  | 'MERGED'
  /** No longer in use. */
  | 'REMOVED';

/** What can be wrong with a service. */
export type AlertRule =
  /** Too many of its lines are errors, or too many of its answers. */
  | 'ERROR_RATE'
  /** Too many of its requests take long. */
  | 'LATENCY'
  /** Too many facts or tasks waited long for it. */
  | 'QUEUE_AGE'
  /** One of its processes is not heard any more. */
  | 'SILENCE';

/** Whether it is wrong now. */
export type AlertStatus =
  /** It was, and is well again. */
  | 'CLEARED'
  /** It is. */
  | 'OPEN';

/** For whom an answer may be kept. */
export type CacheControlScope =
  /** For each caller alone. */
  | 'PRIVATE'
  /** For everybody. */
  | 'PUBLIC';

/** Another address for a subscriber. */
export type ChangeAddressInput = {
  /** The new address as the person types it. */
  address: TypedAddressInput;
  /** Whose address it is. */
  subscriberId: Scalars['ID']['input'];
};

/** Whose purchase, which one, and of what. */
export type ClaimDiscountInput = {
  /** The article on the receipt. */
  article: Scalars['String']['input'];
  /** The customer's e-mail address or number. */
  customer: Scalars['String']['input'];
  /** The number on the receipt. */
  purchaseNumber: Scalars['String']['input'];
};

/** A new address of the register. */
export type CreateAddressInput = {
  /** Street and house number; 500 characters at most. */
  address: Scalars['String']['input'];
  /** City or village. */
  city?: InputMaybe<Scalars['String']['input']>;
  /** ISO 3166 alpha-2 code, such as DE. */
  country?: InputMaybe<Scalars['String']['input']>;
  /** A business or a building. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Postal code. */
  postalCode?: InputMaybe<Scalars['String']['input']>;
  /** Its id in the source; made when there is none. 200 characters at most. */
  reference?: InputMaybe<Scalars['String']['input']>;
  /** State, province or region. */
  region?: InputMaybe<Scalars['String']['input']>;
  /** Where it comes from; `manual` when it is not said. */
  source?: InputMaybe<Scalars['String']['input']>;
};

/** A program that shall get access tokens. */
export type CreateApiClientInput = {
  /** Of which pages may ask for tokens from a browser. */
  allowedOrigins?: Array<Scalars['String']['input']>;
  /** What people call it; 100 characters at most. */
  name: Scalars['String']['input'];
  /** Where users are sent back to: makes it a public client (code with PKCE). */
  redirectUris?: Array<Scalars['String']['input']>;
  /** What it does in its own name (client credentials). */
  roles?: Array<Role>;
};

/** Somebody who shall be able to log in. */
export type CreateUserInput = {
  /** Their e-mail address. */
  email: Scalars['String']['input'];
  /** 12 characters at least, and hard to guess. */
  password: Scalars['String']['input'];
  /** What they do. */
  roles?: Array<Role>;
  /** What they log in with; letters, digits and @ . + - _ only. */
  username: Scalars['String']['input'];
};

/** Why nothing was done with a dead letter. */
export type DeadLetterProblemCode =
  /** It is not there, or no longer. */
  | 'NOT_FOUND'
  /** The broker does not take it where it was set aside. */
  | 'NOT_TAKEN';

/** How far a claim is. */
export type DiscountClaimStatus =
  /** There is a voucher. */
  | 'ISSUED'
  /** Waits for a worker. */
  | 'QUEUED'
  /** There is no discount; `refusal` says why. */
  | 'REFUSED';

/** Why there is no discount. */
export type DiscountRefusal =
  /** A voucher was issued for this purchase already. */
  | 'ALREADY_CLAIMED'
  /** The purchase is too small: discounts begin at EUR 20.00. */
  | 'AMOUNT_TOO_SMALL'
  /** The purchase is too long ago: a discount can be claimed for 30 days. */
  | 'PURCHASE_TOO_OLD'
  /** No purchase of this customer has this number and article. */
  | 'UNKNOWN_PURCHASE';

/** How far a search for duplicates is. */
export type DuplicateSearchStatus =
  /** Stopped by somebody. */
  | 'CANCELLED'
  /** Stopped by a failure; problem says why. */
  | 'FAILED'
  /** Every address was compared. */
  | 'FINISHED'
  /** Waits for a worker. */
  | 'QUEUED'
  /** Addresses are being compared. */
  | 'RUNNING';

/** How the sending of a letter ended. */
export type LetterOutcome =
  /** It could not be sent. */
  | 'FAILED'
  /** The mail server took it. */
  | 'SENT';

/** How much a log line matters. */
export type LogLevel =
  /** The process cannot go on. */
  | 'CRITICAL'
  /** Of use to developers alone. */
  | 'DEBUG'
  /** Something could not be done. */
  | 'ERROR'
  /** As it should be. */
  | 'INFO'
  /** It goes on, but somebody may want to know. */
  | 'WARNING';

/** An address to match. */
export type MatchAddressInput = {
  /** The address as it is typed. */
  address: TypedAddressInput;
};

/** How far a file of addresses is. */
export type MatchBatchStatus =
  /** Stopped by somebody; it can be resumed. */
  | 'CANCELLED'
  /** Stopped by a failure; it can be resumed. */
  | 'FAILED'
  /** Every row has its result. */
  | 'FINISHED'
  /** Waits for a worker. */
  | 'QUEUED'
  /** Its rows are being matched. */
  | 'RUNNING';

/** How far the matching of one address is. */
export type MatchTaskStatus =
  /** It is not wanted any more. */
  | 'CANCELLED'
  /** It could not be matched; problem says why. */
  | 'FAILED'
  /** A person has to look. */
  | 'IN_REVIEW'
  /** It is a known address. */
  | 'MATCHED'
  /** No known address is meant; it is a new one. */
  | 'NEW'
  /** Waits for a worker. */
  | 'QUEUED'
  /** A worker is at it. */
  | 'RUNNING';

/** Addresses that are one. */
export type MergeAddressesInput = {
  /** The addresses it will stand for; 100 at most. */
  duplicates: Array<Scalars['ID']['input']>;
  /** The address that will stand for all. */
  into: Scalars['ID']['input'];
};

/** What a letter says. */
export type NotificationKind =
  /** Something is wrong with a service, or well again. */
  | 'ALERT'
  /** Somebody is looking at the address. */
  | 'CHECKING'
  /** The address is confirmed: it is one the register knows. */
  | 'CONFIRMED'
  /** The address is new and taken as it was typed. */
  | 'CONFIRMED_AS_TYPED'
  /** Thanks for a suggestion. */
  | 'THANKS'
  /** A discount is granted; this is the voucher. */
  | 'VOUCHER';

/** How far a letter is. */
export type NotificationStatus =
  /** The mail server refused it. */
  | 'FAILED'
  /** It waits to be sent. */
  | 'INTENDED'
  /** It is being handed over to the mail server. */
  | 'SENDING'
  /** The mail server took it. */
  | 'SENT'
  /** The sender ended while handing it over; it is not sent again by itself. */
  | 'UNKNOWN';

/** Why an input is refused. */
export type ProblemCode =
  /** The source has an address with this reference already. */
  | 'ALREADY_EXISTS'
  /** The subscriber has left; nothing of them can be changed. */
  | 'ALREADY_UNSUBSCRIBED'
  /** A required field is empty. */
  | 'BLANK'
  /** The file is damaged and cannot be unpacked. */
  | 'BROKEN_FILE'
  /** The first line of the file cannot be read. */
  | 'BROKEN_HEADER'
  /** Another reviewer is looking at it. */
  | 'CLAIMED_BY_SOMEBODY_ELSE'
  /** The header lacks a required column. */
  | 'COLUMN_MISSING'
  /** The header names a column more than once. */
  | 'COLUMN_TWICE'
  /** The file has no header. */
  | 'FILE_EMPTY'
  /** The file has more bytes than allowed. */
  | 'FILE_TOO_LARGE'
  /** The address has neither a city nor a postal code. */
  | 'INCOMPLETE_ADDRESS'
  /** A field holds what is no text. */
  | 'INVALID_CHARACTERS'
  /** Fields cannot be separated by this. */
  | 'INVALID_DELIMITER'
  /** Not an e-mail address. */
  | 'INVALID_EMAIL'
  /** The country has no postal codes of this form. */
  | 'INVALID_POSTAL_CODE'
  /** The name of a source holds other characters than letters, digits, dots, hyphens, underscores. */
  | 'INVALID_SOURCE'
  /** Not an address that users can be sent back to. */
  | 'INVALID_URI'
  /** A user name holds what it must not. */
  | 'INVALID_USERNAME'
  /** The key was used before, by somebody else or for another person. */
  | 'KEY_IN_USE'
  /** Nobody could manage accounts any more. */
  | 'LAST_ADMIN'
  /** The address is merged or removed. */
  | 'NOT_ACTIVE'
  /** The reviewer has not claimed the item, or the claim has ended. */
  | 'NOT_CLAIMED'
  /** Nothing has this id. */
  | 'NOT_FOUND'
  /** The item does not wait for a reviewer any more. */
  | 'NOT_IN_REVIEW'
  /** The batch was neither cancelled nor has it failed. */
  | 'NOT_RESUMABLE'
  /** It is over; there is nothing to cancel. */
  | 'NOT_RUNNING'
  /** The letter is still on its way for the first time. */
  | 'NOT_SENT_YET'
  /** There is no decision this reviewer can take back. */
  | 'NOT_UNDOABLE'
  /** The file is not encoded as UTF-8. */
  | 'NOT_UTF8'
  /** A public client has no secret. */
  | 'NO_SECRET'
  /** Not one row of the file can be used. */
  | 'NO_USABLE_ROW'
  /** A public client has its users' roles. */
  | 'ROLES_OF_PUBLIC_CLIENT'
  /** An address cannot be merged into itself. */
  | 'SAME_ADDRESS'
  /** Somebody else has it. */
  | 'TAKEN'
  /** A field has more characters than allowed. */
  | 'TOO_LONG'
  /** More at once than is allowed. */
  | 'TOO_MANY'
  /** The file has more rows than allowed. */
  | 'TOO_MANY_ROWS'
  /** More of them came than are taken within a day. */
  | 'TOO_MANY_TODAY'
  /** No known address has this id. */
  | 'UNKNOWN_ADDRESS'
  /** No API client has this id. */
  | 'UNKNOWN_API_CLIENT'
  /** No country has this code or name. */
  | 'UNKNOWN_COUNTRY'
  /** No search has found these two addresses to be one. */
  | 'UNKNOWN_DUPLICATE_PAIR'
  /** No search for duplicates has this id. */
  | 'UNKNOWN_DUPLICATE_SEARCH'
  /** No encoding has this name. */
  | 'UNKNOWN_ENCODING'
  /** The file has none of the known formats. */
  | 'UNKNOWN_FORMAT'
  /** No batch has this id. */
  | 'UNKNOWN_MATCH_BATCH'
  /** No match task has this id yet. */
  | 'UNKNOWN_MATCH_TASK'
  /** No subscriber has this id. */
  | 'UNKNOWN_SUBSCRIBER'
  /** No user has this id. */
  | 'UNKNOWN_USER'
  /** Somebody changed the address meanwhile. */
  | 'VERSION_CONFLICT'
  /** The password is easily guessed. */
  | 'WEAK_PASSWORD';

/** What a queue is for. */
export type QueueKind =
  /** What was set aside. */
  | 'DEAD_LETTERS'
  /** Facts for a listener. */
  | 'FACTS'
  /** Facts and tasks that wait for their next try. */
  | 'LATER'
  /** Lines of logs on their way. */
  | 'LOGS'
  /** Anything else. */
  | 'OTHER'
  /** Questions that are answered at once. */
  | 'QUESTIONS'
  /** Tasks for workers of Celery. */
  | 'TASKS';

/** A reviewer's decision. */
export type ResolveReviewInput = {
  /** The known address that was meant; null when it is a new one. */
  addressId?: InputMaybe<Scalars['ID']['input']>;
  /** The match task in review. */
  id: Scalars['ID']['input'];
  /** The name of the person who decides, and who has claimed it. */
  reviewer: Scalars['String']['input'];
};

/** What happened to the review queue. */
export type ReviewQueueChange =
  /** This task now waits for a person. */
  | 'ADDED'
  /** A person has decided this task. */
  | 'RESOLVED';

/** What somebody does with Doorstep; each role gives scopes. */
export type Role =
  /** Manages users and API clients. */
  | 'ADMIN'
  /** Cleans files, keeps the register, watches the system. */
  | 'OPERATOR'
  /** Decides what the engine is not sure of. */
  | 'REVIEWER'
  /** Sees and changes their own subscriptions. */
  | 'SUBSCRIBER';

/** What a reader suggests, and whom to thank for it. */
export type SendSuggestionInput = {
  /** Where the thank-you letter goes; 254 characters at most. */
  email: Scalars['String']['input'];
  /** Chosen by the client: sent again with the same key, it is the same suggestion. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The reader's name; 200 characters at most. */
  name: Scalars['String']['input'];
  /** The suggestion; 4,000 characters at most. */
  text: Scalars['String']['input'];
};

/** Who subscribes, and where to. */
export type SubscribeInput = {
  /** The address as the person types it. */
  address: TypedAddressInput;
  /** Where letters go; 254 characters at most. */
  email: Scalars['String']['input'];
  /** Chosen by the client: sent again with the same key, it is the same subscriber. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The person's name; 200 characters at most. */
  name: Scalars['String']['input'];
};

/** Whether letters go to a subscriber. */
export type SubscriberStatus =
  /** Letters are sent. */
  | 'ACTIVE'
  /** The subscriber left; nothing is sent. */
  | 'UNSUBSCRIBED';

/** Which suggestions; all conditions that are given must hold. */
export type SuggestionFilter = {
  /** From this e-mail address. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Sent then or later. */
  since?: InputMaybe<Scalars['DateTime']['input']>;
  /** This far. */
  status?: InputMaybe<SuggestionStatus>;
  /** Sent before. */
  until?: InputMaybe<Scalars['DateTime']['input']>;
  /** With all these words in the text; 200 characters at most. */
  words?: InputMaybe<Scalars['String']['input']>;
};

/** Whether the reader was thanked. */
export type SuggestionStatus =
  /** It is here; the letter is still to be written. */
  | 'RECEIVED'
  /** The letter is written and on its way. */
  | 'THANKED';

/** An address the way somebody types it. */
export type TypedAddressInput = {
  /** Street and number, or the whole address in one line. */
  address: Scalars['String']['input'];
  /** City or village. */
  city?: InputMaybe<Scalars['String']['input']>;
  /** ISO 3166 alpha-2 code, or the English name. */
  country?: InputMaybe<Scalars['String']['input']>;
  /** A business or a building. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Postal code. */
  postalCode?: InputMaybe<Scalars['String']['input']>;
  /** State, province or region. */
  region?: InputMaybe<Scalars['String']['input']>;
};

/** What shall change in an address; what is not given stays as it is, null empties it. */
export type UpdateAddressInput = {
  /** Street and house number; 500 characters at most. */
  address?: InputMaybe<Scalars['String']['input']>;
  /** City or village. */
  city?: InputMaybe<Scalars['String']['input']>;
  /** ISO 3166 alpha-2 code, such as DE. */
  country?: InputMaybe<Scalars['String']['input']>;
  /** The address to change. */
  id: Scalars['ID']['input'];
  /** A business or a building. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Postal code. */
  postalCode?: InputMaybe<Scalars['String']['input']>;
  /** State, province or region. */
  region?: InputMaybe<Scalars['String']['input']>;
  /** The version you saw; refused when it has another by now. */
  version: Scalars['Int']['input'];
};

/** What the engine thinks of the best candidate. */
export type Verdict =
  /** This is the address. */
  | 'MATCH'
  /** This one is new. */
  | 'NEW'
  /** Somebody should look. */
  | 'REVIEW';
