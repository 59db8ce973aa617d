<<<<<<<< HEAD:optral/api/static/assets/people-BOH7pj_t.js
import{$ as e,z as t}from"./index-ByZUS6OE.js";import{r as n}from"./queries-CJ1bSZGE.js";function r(){let{data:r}=e(t),{data:i}=e({...n,retry:!1,staleTime:6e4}),a=r?.member?.id??(r?.actor.kind===`person`?r.actor.id:void 0),o=i?.members??[];return{me:a,role:r?.actor.role,all:o,name:e=>e===a?`you`:o.find(t=>t.id===e)?.email}}export{r as t};
========
import{$ as e,z as t}from"./index-CGe-GC6q.js";import{r as n}from"./queries-CJ1bSZGE.js";function r(){let{data:r}=e(t),{data:i}=e({...n,retry:!1,staleTime:6e4}),a=r?.member?.id??(r?.actor.kind===`person`?r.actor.id:void 0),o=i?.members??[];return{me:a,role:r?.actor.role,all:o,name:e=>e===a?`you`:o.find(t=>t.id===e)?.email}}export{r as t};
>>>>>>>> e300db5e (agent: check from its pod whether something can be reached):optral/api/static/assets/people-C6p9aEe6.js
