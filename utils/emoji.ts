/** A small set of emoji with the words they are found by. */
export const EMOJI: readonly { emoji: string, words: string }[] = [
  ['👍', 'thumbs up yes good agree'], ['👎', 'thumbs down no bad'], ['❤️', 'heart love'], ['😂', 'laugh tears joy funny'], ['🎉', 'party tada celebrate'], ['👀', 'eyes look watching'], ['🙏', 'thanks please pray'], ['✅', 'check done ok'],
  ['🔥', 'fire hot'], ['🚀', 'rocket ship launch'], ['💯', 'hundred perfect'], ['👏', 'clap applause'], ['🙌', 'hooray hands'], ['💪', 'strong muscle'], ['🤝', 'handshake deal'], ['👋', 'wave hello bye'],
  ['😀', 'smile grin happy'], ['😄', 'happy smile eyes'], ['😅', 'sweat nervous laugh'], ['😉', 'wink'], ['😊', 'blush warm smile'], ['😍', 'heart eyes love'], ['😎', 'cool sunglasses'], ['🤔', 'think hmm'],
  ['😐', 'neutral meh'], ['🙄', 'roll eyes'], ['😴', 'sleep tired'], ['😢', 'cry sad'], ['😭', 'sob cry loud'], ['😡', 'angry mad'], ['🤯', 'mind blown'], ['🤦', 'facepalm'],
  ['🤷', 'shrug dunno'], ['😬', 'grimace awkward'], ['🥳', 'party face'], ['🤗', 'hug'], ['😇', 'angel innocent'], ['🤓', 'nerd glasses'], ['😱', 'scream shock'], ['🫡', 'salute'],
  ['⭐', 'star favourite'], ['✨', 'sparkles shiny'], ['⚡', 'lightning fast'], ['💡', 'idea light bulb'], ['⚠️', 'warning careful'], ['❌', 'cross no wrong'], ['❓', 'question'], ['❗', 'exclamation important'],
  ['📌', 'pin'], ['📎', 'paperclip attach'], ['📅', 'calendar date'], ['⏰', 'alarm clock time'], ['☕', 'coffee break'], ['🍕', 'pizza lunch food'], ['🍰', 'cake birthday'], ['🍻', 'beer cheers'],
  ['🐛', 'bug'], ['🔧', 'wrench fix tool'], ['🧪', 'test tube experiment'], ['📦', 'package release'], ['🔒', 'lock secure'], ['🔗', 'link'], ['📈', 'chart up growth'], ['📉', 'chart down'],
  ['💬', 'speech chat comment'], ['📣', 'megaphone announce'], ['🔔', 'bell notification'], ['🎧', 'headphones listen'], ['🎥', 'camera video'], ['🎤', 'microphone'], ['🖥️', 'computer screen'], ['📱', 'phone mobile'],
  ['🌞', 'sun good morning'], ['🌙', 'moon night'], ['🌈', 'rainbow'], ['🌱', 'seedling grow'], ['🐶', 'dog'], ['🐱', 'cat'], ['🦊', 'fox'], ['🐢', 'turtle slow'],
].map(([emoji, words]) => ({ emoji: emoji!, words: words! }))

/** The emoji whose words contain every word asked for. */
export function findEmoji(query: string): readonly { emoji: string, words: string }[] {
  const wanted = query.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return EMOJI.filter(item => wanted.every(word => item.words.includes(word)))
}
