import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** Where Debian puts the module of `libnginx-mod-nchan`. */
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so'
const KB = 1024

/** The version of nginx and its module, or why it is not there. @returns {{ version?: string, missing?: string }} */
export function nchan() {
  const nginx = spawnSync('nginx', ['-v'], { encoding: 'utf8' })
  if (nginx.error || !existsSync(MODULE)) return { missing: 'not installed: apt-get install nginx libnginx-mod-nchan' }
  const packaged = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'libnginx-mod-nchan'], { encoding: 'utf8' }).stdout?.trim()
  return { version: `${nginx.stderr.trim().replace('nginx version: ', '')}, libnginx-mod-nchan ${packaged || 'of unknown version'}` }
}

/**
 * One worker, and nothing between it and the wire: no log, no end to a connection. Messages are kept in memory for two minutes, as
 * Socket.IO's recovery keeps them, so that a poll that comes late finds what came meanwhile.
 */
function config(folder, port) {
  return `
load_module ${MODULE};
${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 10000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  tcp_nodelay on;
  nchan_shared_memory_size 256M;
  nchan_message_buffer_length 10000;
  nchan_message_timeout 2m;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = / { return 204; }
    nchan_subscriber_first_message newest;
    nchan_subscriber_timeout 0;
    location ~ ^/pub/(.+)$ { nchan_publisher http; nchan_channel_id $1; }
    location ~ ^/sse/(.+)$ { nchan_subscriber eventsource; nchan_channel_id $1; }
    location ~ ^/poll/(.+)$ { nchan_subscriber longpoll; nchan_channel_id $1; }
  }
}
`
}

/** The processes of one nginx: its master and its worker. */
function processes(pid) {
  return [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)]
}

/** Processor time of a process since it began, in milliseconds: Linux counts it in hundredths of a second there. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * KB
}

/**
 * Starts nginx in the foreground of this process's own tree. What it used is read from `/proc`: there is no event loop of
 * Node's to ask.
 *
 * @param {{ core: string, folder: string, port: number }} where
 */
export function startNchan({ core, folder, port }) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'nginx.conf'), config(folder, port))
  const child = spawn('taskset', ['-c', core, 'nginx', '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const used = () => processes(child.pid).reduce((sum, pid) => sum + cpuMs(pid), 0)
  let before = 0
  return {
    child,
    // The master ends its worker only when it is asked to; killed outright it would leave it behind.
    signal: 'SIGTERM',
    async measure() {
      const now = used()
      const cpu = now - before
      before = now
      return { cpuMs: cpu, rss: processes(child.pid).reduce((sum, pid) => sum + residentBytes(pid), 0) }
    },
  }
}
