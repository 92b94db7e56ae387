import {EventQueue} from './dist-kernel/src/kernel/queue.js';
import {EventHeap} from './dist-kernel/src/kernel/heap.js';
const OFFSETS = Float64Array.from({ length: 4096 }, (_, i) => Math.ceil(-1e6 * Math.log((i + 0.5) / 4096)));
let state=1; const offset=()=>{state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return OFFSETS[(state >>> 8) & 4095];};
const N=3e6;
function queue(n){const q=new EventQueue();for(let i=0;i<n;i++)q.add(offset(),1,0,i,-1,i);const t=performance.now();for(let k=0;k<N;k++){const s=q.first();const time=q.time;const p=q.table.payload(s),tg=q.table.target(s);q.removeFirst();q.add(time+offset(),1,0,tg,-1,p);}return N/(performance.now()-t)/1e3;}
function heap(n){const q=new EventHeap();let seq=0;for(let i=0;i<n;i++)q.push(offset(),seq++,i);const t=performance.now();for(let k=0;k<N;k++){const s=q.slot;const time=q.time;q.pop();q.push(time+offset(),seq++,s);}return N/(performance.now()-t)/1e3;}
for(let r=0;r<3;r++)for(const n of [10,1000,100000])console.log(n,'queue',queue(n).toFixed(2),'heap',heap(n).toFixed(2));
