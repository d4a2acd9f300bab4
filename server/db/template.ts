import type { CompiledQuery, QueryResult, Transaction } from 'kysely'
import type { Database } from './schema'

type Value = string | number | null

/** What a template's query is built from: anything of Kysely that knows its own text and parameters. */
interface Buildable<R> {
  compile: () => CompiledQuery<R>
}

/**
 * A query for a list of items that is built once for each length and run with other values each time: on the way of every message
 * Kysely would take longer to put the same few queries together than the database to run them. It is built with names in
 * the place of values, and each run puts in what the names stand for. A list beyond the bound takes several runs.
 */
export class ListTemplate<T extends object, R> {
  private readonly byLength: BuiltQuery<T, R>[] = []

  /**
   * @param build the query for a list of names, each standing for one item: `nameOf(0, 'seq')` for the `seq` of the first
   * @param most items of one run
   */
  constructor(private readonly build: (items: readonly number[]) => Buildable<R>, private readonly most = 32) {}

  async run(trx: Transaction<Database>, items: readonly T[]): Promise<R[]> {
    const rows: R[] = []
    for (let from = 0; from < items.length; from += this.most) {
      const chunk = items.slice(from, from + this.most)
      const query = this.byLength[chunk.length] ??= new BuiltQuery(this.build(chunk.map((_, n) => n)))
      rows.push(...(await query.run(trx, chunk)).rows)
    }
    return rows
  }
}

/** The query for one length of list, with the place of each of its values. */
class BuiltQuery<T extends object, R> {
  private readonly query: CompiledQuery<R>
  private readonly places: readonly { item: number, field: keyof T }[]

  constructor(query: Buildable<R>) {
    this.query = query.compile()
    this.places = (this.query.parameters as string[]).map((name) => {
      const at = name.indexOf(':')
      return { item: Number(name.slice(0, at)), field: name.slice(at + 1) as keyof T }
    })
  }

  run(trx: Transaction<Database>, items: readonly T[]): Promise<QueryResult<R>> {
    return trx.executeQuery({ ...this.query, parameters: this.places.map(({ item, field }) => items[item]?.[field] as Value) })
  }
}

/** The name that stands for one field of one item of a list. */
export function nameOf(item: number, field: string): string {
  return `${item}:${field}`
}

/** The names of a row's fields where its values would be. */
export function named<T extends object>(item: number, columns: readonly (keyof T & string)[]): T {
  return Object.fromEntries(columns.map(column => [column, nameOf(item, column)])) as T
}
