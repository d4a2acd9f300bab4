import type { Compilable, CompiledQuery, QueryResult, Transaction } from 'kysely'
import type { Database } from './schema'

type Value = string | number | null

/**
 * A query that is built once and run with other values each time: on the way of every message Kysely would take longer to put the
 * same few queries together than the database to run them. It is built with names in the place of values, and each run
 * puts in what the names stand for.
 */
export class Template<R> {
  private readonly query: CompiledQuery<R>

  /** @param query a query whose parameters are all names */
  constructor(query: Compilable<R>) {
    this.query = query.compile()
  }

  run(trx: Transaction<Database>, valueOf: (name: string) => Value): Promise<QueryResult<R>> {
    return trx.executeQuery({ ...this.query, parameters: (this.query.parameters as string[]).map(valueOf) })
  }
}

/** Templates for lists, one for each length up to a bound; a longer list takes several runs. */
export class ListTemplate<T extends object, R> {
  private readonly byLength: Template<R>[] = []

  /**
   * @param build the query for a list of names, each standing for one item: `nameOf(0, 'seq')` for the `seq` of the first
   * @param most items of one run
   */
  constructor(private readonly build: (items: readonly number[]) => Compilable<R>, private readonly most = 32) {}

  async run(trx: Transaction<Database>, items: readonly T[]): Promise<R[]> {
    const rows: R[] = []
    for (let from = 0; from < items.length; from += this.most) {
      const chunk = items.slice(from, from + this.most)
      const template = this.byLength[chunk.length] ??= new Template(this.build(chunk.map((_, n) => n)))
      const result = await template.run(trx, (name) => {
        const at = name.indexOf(':')
        return chunk[Number(name.slice(0, at))]?.[name.slice(at + 1) as keyof T] as Value
      })
      rows.push(...result.rows)
    }
    return rows
  }
}

/** The name that stands for one field of one item of a list. */
export function nameOf(item: number, field: string): string {
  return `${item}:${field}`
}
