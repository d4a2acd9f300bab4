/** What is said of texts and wishes that could not be sent. */
export const unsent = {
  label: 'Not sent',
  edit: (reason: string) => `Edit not saved. ${reason}`,
  erase: (reason: string) => `Not deleted. ${reason}`,
  reaction: (emoji: string, reason: string) => `${emoji} not sent. ${reason}`,
  gone: 'The message was deleted.',
  back: 'Your text is in the field.',
  putBack: 'Put back',
  discard: 'Discard',
}
