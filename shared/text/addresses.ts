/** Addresses a text may lead to: the web, mail, and a room or a page of the docs here, in one segment: dots would lead out of it. */
export const SAFE_ADDRESS = /^(?:https?:|mailto:|\/(?:r|docs)\/[a-z0-9][\w.-]*(?:#\S*)?$)/i
