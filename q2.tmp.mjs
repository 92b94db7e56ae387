import {EventQueue} from './dist-kernel/src/kernel/queue.js';
const OFFSETS = Float64Array.from({ length: 4096 }, (_, i) => Math.ceil(-1e6 * Math.log((i + 0.5) / 4096)));
let state=1; const offset=()=>{state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return OFFSETS[(state >>> 8) & 4095];};
const N=5e6;
function queue(n){const q=new EventQueue();for(let i=0;i<n;i++)q.add(offset(),1,0,i,-1,i);const t=performance.now();for(let k=0;k<N;k++){const s=q.first();const time=q.time;const p=q.table.payload(s),tg=q.table.target(s);q.removeFirst();q.add(time+offset(),1,0,tg,-1,p);}return N/(performance.now()-t)/1e3;}
const out={};for(let r=0;r<3;r++)for(const n of process.argv.slice(2))(out[n]??=[]).push(queue(+n).toFixed(2));console.log(JSON.stringify(out));
