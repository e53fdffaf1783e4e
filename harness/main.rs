//! bin
use oktaspec::{plan,spec};
fn main(){
 let t=std::time::Instant::now();
 let files=spec::load::embedded();
 let (spec,mut d)=spec::load::load(&files);
 println!("load {:?}",t.elapsed());
 println!("{}",d.render(&spec.files,false));
 let mut model=plan::model::Model::new(&spec);
 println!("model {:?} edges {}",t.elapsed(),model.edges.len());
 let rules=plan::rules::all(&model);
 println!("rules {:?} {}",t.elapsed(),rules.len());
 for r in &rules { let p=plan::path::plan(&mut model,r);
   for plan in &p.plans { let s:Vec<String>=plan.steps.iter().map(|s|format!("{}{}.{}",if s.family>0 {format!("{}:",plan.families[s.family].name)} else {String::new()},s.transition,s.outcome)).collect(); println!("{} [{}] {} nodes: {} want {:?} made {:?}",r.name,plan.label,plan.nodes,s.join(" > "),plan.wanted,plan.made_up); }
   for (l,n) in &p.unreached { println!("UNREACHED {} [{}]: {}",r.name,l,n); } }
 println!("plans {:?}",t.elapsed());
}
