<<<<<<<< HEAD:optral/api/static/assets/person-C36I5I1e.js
import{U as e,Ut as t}from"./index-BqPFH73C.js";import{t as n}from"./jsx-runtime-BZi9cxqW.js";var r=n();function i({id:n}){let{data:i}=t({...e,retry:!1,staleTime:6e4}),a=i?.members.find(e=>e.id===n)?.email;return a?(0,r.jsx)(`span`,{title:n,children:a}):(0,r.jsx)(`span`,{className:`font-mono text-xs`,children:n})}export{i as t};
========
import{U as e,Wt as t}from"./index-CtIZJ5fY.js";import{t as n}from"./jsx-runtime-BZi9cxqW.js";var r=n();function i({id:n}){let{data:i}=t({...e,retry:!1,staleTime:6e4}),a=i?.members.find(e=>e.id===n)?.email;return a?(0,r.jsx)(`span`,{title:n,children:a}):(0,r.jsx)(`span`,{className:`font-mono text-xs`,children:n})}export{i as t};
>>>>>>>> 5e15a3ef (search, resources: find names and labels by sets of objects, and the node of a pod in its row):optral/api/static/assets/person-ZmPmx9W4.js
