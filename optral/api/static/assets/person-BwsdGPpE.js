<<<<<<<< HEAD:optral/api/static/assets/person-CorYqqcO.js
import{$ as e}from"./index-ByZUS6OE.js";import{r as t}from"./queries-CJ1bSZGE.js";import{t as n}from"./jsx-runtime-DyZJNswf.js";var r=n();function i({id:n}){let{data:i}=e({...t,retry:!1,staleTime:6e4}),a=i?.members.find(e=>e.id===n)?.email;return a?(0,r.jsx)(`span`,{title:n,children:a}):(0,r.jsx)(`span`,{className:`font-mono text-xs`,children:n})}export{i as t};
========
import{$ as e}from"./index-CGe-GC6q.js";import{r as t}from"./queries-CJ1bSZGE.js";import{t as n}from"./jsx-runtime-DyZJNswf.js";var r=n();function i({id:n}){let{data:i}=e({...t,retry:!1,staleTime:6e4}),a=i?.members.find(e=>e.id===n)?.email;return a?(0,r.jsx)(`span`,{title:n,children:a}):(0,r.jsx)(`span`,{className:`font-mono text-xs`,children:n})}export{i as t};
>>>>>>>> e300db5e (agent: check from its pod whether something can be reached):optral/api/static/assets/person-BwsdGPpE.js
