//! Breadth first over the model: from a world to one in which a goal may come. First over ordinary requests alone, then over all;
//! only over outcomes that give what the goal, or another of them, needs.

use std::collections::{BTreeSet, HashMap, VecDeque};

use rustc_hash::FxHashSet;

use crate::plan::model::{Demand, Edge, Effect, FactClass, Model, NONE_ID, Rates, Start, Test};
use crate::plan::world::{FactId, Known, MachineId, StateId, World};

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hop {
    /// An edge, by its index in the model.
    Edge(usize),
    /// Letting enough time pass that everything was set long ago.
    Wait,
}

/// What a search ended with.
#[derive(Debug, Clone)]
pub struct Found {
    /// The way.
    pub hops: Vec<Hop>,
    /// The world at its end, narrowed to what the goal demands.
    pub world: World,
    /// Nodes that were looked at.
    pub nodes: usize,
}

/// Nodes that one search looks at before it gives up.
pub const NODE_BUDGET: usize = 60_000;

/// What something needs of the world: states of machines, and knowledge of facts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// The machine's thing in any state but `none`.
    Exists(MachineId),
    /// Knowledge of a fact.
    Fact(FactId),
    /// The machine's thing in this state.
    State(MachineId, StateId),
}

impl Model<'_> {
    /// The world narrowed to what an edge demands, where it may come; else what is in the way.
    #[must_use]
    pub fn applicable(&self, world: &World, edge: &Edge) -> Option<World> {
        // Most edges fail at a state, which is seen before anything is copied.
        if !self.states_fit(world, edge) {
            return None;
        }
        let mut narrowed = world.clone();
        if edge.births {
            self.forget(&mut narrowed, edge.machine);
        }
        if !self.meets(&mut narrowed, &edge.demands) {
            return None;
        }
        if edge.exist.iter().any(|machine| narrowed.states[*machine] == NONE_ID) {
            return None;
        }
        edge.sends.iter().all(|fact| self.is_known(&narrowed, *fact)).then_some(narrowed)
    }

    fn states_fit(&self, world: &World, edge: &Edge) -> bool {
        let state = world.states[edge.machine];
        let offered = if edge.births {
            self.is_final(edge.machine, state)
        } else if edge.from.is_empty() {
            state != NONE_ID
        } else {
            edge.from.contains(&state)
        };
        offered
            && edge.demands.iter().all(|demand| match demand {
                // A birth forgets its own thing and what belongs to it, so only states of others can be seen here.
                Demand::State(machine, states) if !edge.births => states.contains(&world.states[*machine]),
                _ => true,
            })
    }

    /// Narrows a world to demands; false where it cannot meet them.
    #[must_use]
    pub fn meets(&self, world: &mut World, demands: &[Demand]) -> bool {
        demands.iter().all(|demand| match demand {
            Demand::State(machine, states) => states.contains(&world.states[*machine]),
            Demand::Setting(fact, mask) => {
                world.allowed[*fact] &= mask;
                world.allowed[*fact] != 0
            }
            Demand::Fact(fact, test) => self.passes(world, *fact, test),
        })
    }

    fn passes(&self, world: &World, fact: FactId, test: &Test) -> bool {
        let known = match self.facts[fact].class {
            FactClass::Changing(_) => world.known[fact],
            _ if self.is_known(world, fact) => Known::Present,
            _ => Known::Absent,
        };
        match test {
            Test::Absent => known == Known::Absent,
            Test::Present => known != Known::Absent,
            Test::AtLeast(number) => matches!(known, Known::Number(found) if found >= *number),
            Test::AtMost(number) => matches!(known, Known::Number(found) if found <= *number),
            Test::In(choices) => choices.contains(&known),
            Test::NotIn(choices) => !choices.contains(&known),
            Test::Within => known != Known::Absent && !world.old.contains(&fact),
            Test::Older => known == Known::Absent || world.old.contains(&fact),
        }
    }

    /// Whether something is known of a fact.
    #[must_use]
    pub fn is_known(&self, world: &World, fact: FactId) -> bool {
        let info = &self.facts[fact];
        match &info.class {
            FactClass::Setting(_) => true,
            FactClass::Made => info.needs.iter().all(|need| self.is_known(world, *need)),
            FactClass::Answered(_) => world.known[fact] != Known::Absent,
            FactClass::Changing(start) => {
                // A thing that does not exist yet has the start values that are made up.
                world.known[fact] != Known::Absent
                    || (world.states[info.machine] == NONE_ID && *start == Start::As(Known::Present))
            }
        }
    }

    /// Forgets a thing and everything that belongs to it.
    fn forget(&self, world: &mut World, machine: MachineId) {
        world.states[machine] = NONE_ID;
        for (id, fact) in self.facts.iter().enumerate() {
            if fact.machine == machine {
                world.known[id] = Known::Absent;
                world.renew(id);
            }
        }
        for child in self.children(machine) {
            if world.states[*child] != NONE_ID {
                self.forget(world, *child);
            }
        }
    }

    /// The world after an edge came in a world that [`Model::applicable`] gave.
    #[must_use]
    pub fn apply(&self, narrowed: &World, edge: &Edge) -> World {
        let mut world = narrowed.clone();
        let dies = edge.to == Some(NONE_ID);
        if edge.births && !dies {
            self.start_facts(&mut world, edge.machine);
        }
        match edge.to {
            Some(NONE_ID) if !edge.births => self.forget(&mut world, edge.machine),
            Some(state) => world.states[edge.machine] = state,
            None => {}
        }
        for effect in &edge.effects {
            match effect {
                Effect::State(machine, state) if *state == NONE_ID => self.forget(&mut world, *machine),
                Effect::State(machine, state) => world.states[*machine] = *state,
                Effect::Know(fact, known) => {
                    world.known[*fact] = *known;
                    world.renew(*fact);
                }
                Effect::Add(fact, number) => {
                    if let Known::Number(found) = world.known[*fact] {
                        world.known[*fact] = Known::Number(found + number);
                    }
                }
                Effect::Restart(fact) => {
                    let start = self.start_of(&mut world, *fact, true);
                    world.known[*fact] = start;
                }
            }
        }
        for fact in &edge.answers {
            world.known[*fact] = Known::Present;
            world.renew(*fact);
        }
        world
    }

    fn start_facts(&self, world: &mut World, machine: MachineId) {
        for (id, fact) in self.facts.iter().enumerate() {
            if fact.machine == machine
                && let FactClass::Changing(_) = &fact.class
            {
                world.known[id] = self.start_of(world, id, false);
            }
        }
    }

    /// What a fact starts with; the setting that it is like is fixed by it. Where a restart finds nothing known, nothing is known.
    fn start_of(&self, world: &mut World, fact: FactId, again: bool) -> Known {
        let FactClass::Changing(start) = &self.facts[fact].class else {
            return Known::Present;
        };
        match start {
            Start::As(known) => *known,
            Start::Like(_) if again && world.known[fact] == Known::Absent => Known::Absent,
            Start::Like(like) => {
                let owner = self.facts[*like].machine;
                let there = self.ready(owner) == Some(world.states[owner]) && world.states[owner] != NONE_ID;
                let FactClass::Setting(choices) = &self.facts[*like].class else {
                    return Known::Present;
                };
                if !there {
                    return Known::Absent;
                }
                let first = world.allowed[*like].trailing_zeros() as usize;
                world.allowed[*like] = 1 << first;
                choices.get(first).and_then(serde_json::Value::as_i64).map_or(Known::Present, Known::Number)
            }
        }
    }

    /// What an edge needs before it may come.
    #[must_use]
    pub fn needs(&self, edge: &Edge) -> BTreeSet<Need> {
        let mut needs = BTreeSet::new();
        if !edge.births {
            needs.extend(edge.from.iter().map(|state| Need::State(edge.machine, *state)));
            if edge.from.is_empty() {
                needs.insert(Need::Exists(edge.machine));
            }
        }
        for demand in &edge.demands {
            match demand {
                Demand::State(machine, states) => {
                    needs.extend(states.iter().map(|state| Need::State(*machine, *state)));
                }
                Demand::Fact(fact, _) => self.need_fact(*fact, &mut needs),
                Demand::Setting(..) => {}
            }
        }
        needs.extend(edge.exist.iter().map(|machine| Need::Exists(*machine)));
        for fact in &edge.sends {
            self.need_fact(*fact, &mut needs);
        }
        needs
    }

    fn need_fact(&self, fact: FactId, needs: &mut BTreeSet<Need>) {
        if !needs.insert(Need::Fact(fact)) {
            return;
        }
        let info = &self.facts[fact];
        for inner in &info.needs {
            self.need_fact(*inner, needs);
        }
        match &info.class {
            FactClass::Answered(_) => {
                needs.insert(Need::Exists(info.machine));
            }
            FactClass::Changing(start) => {
                needs.insert(Need::Exists(info.machine));
                if let Start::Like(like) = start {
                    let owner = self.facts[*like].machine;
                    if let Some(ready) = self.ready(owner) {
                        needs.insert(Need::State(owner, ready));
                    }
                }
            }
            FactClass::Made | FactClass::Setting(_) => {}
        }
    }

    fn gives(&self, edge: &Edge) -> BTreeSet<Need> {
        let mut gives = BTreeSet::new();
        let mut state = |machine: MachineId, state: StateId| {
            if state != NONE_ID {
                gives.insert(Need::State(machine, state));
            }
        };
        if let Some(to) = edge.to {
            state(edge.machine, to);
        }
        for effect in &edge.effects {
            if let Effect::State(machine, to) = effect {
                state(*machine, *to);
            }
        }
        if edge.births && edge.to.is_some_and(|to| to != NONE_ID) {
            gives.insert(Need::Exists(edge.machine));
        }
        for effect in &edge.effects {
            match effect {
                Effect::Know(fact, _) | Effect::Add(fact, _) | Effect::Restart(fact) => {
                    gives.insert(Need::Fact(*fact));
                }
                Effect::State(..) => {}
            }
        }
        gives.extend(edge.answers.iter().map(|fact| Need::Fact(*fact)));
        gives
    }

    /// What each edge gives, and what it needs; worked out once.
    fn exchange_rates(&self) -> &Rates {
        self.rates.get_or_init(|| {
            let gives = self.edges.iter().map(|edge| self.gives(edge)).collect();
            let needs = self.edges.iter().map(|edge| self.needs(edge)).collect();
            Rates { gives, needs }
        })
    }

    /// The edges that give what these needs ask for, or what another of them needs.
    #[must_use]
    pub fn relevant(&self, needs: BTreeSet<Need>) -> Vec<usize> {
        let mut needs = needs;
        let Rates { gives, needs: wants } = self.exchange_rates();
        let mut relevant: BTreeSet<usize> = BTreeSet::new();
        loop {
            let before = relevant.len();
            for (index, edge) in self.edges.iter().enumerate() {
                if edge.walkable && !relevant.contains(&index) && !gives[index].is_disjoint(&needs) {
                    relevant.insert(index);
                    needs.extend(wants[index].iter().cloned());
                }
            }
            if relevant.len() == before {
                return relevant.into_iter().collect();
            }
        }
    }

    /// The shortest way from a world to one that the goal accepts.
    ///
    /// # Errors
    /// How many nodes were looked at in vain.
    pub fn search(
        &self,
        start: &World,
        needs: BTreeSet<Need>,
        goal: &dyn Fn(&World) -> Option<World>,
    ) -> Result<Found, usize> {
        let relevant = self.relevant(needs);
        let plain: Vec<usize> = relevant.iter().copied().filter(|index| !self.edges[*index].has_with).collect();
        match self.search_over(start, &plain, goal) {
            Ok(found) => Ok(found),
            Err(nodes) => self
                .search_over(start, &relevant, goal)
                .map(|found| Found { nodes: found.nodes + nodes, ..found })
                .map_err(|more| nodes + more),
        }
    }

    fn search_over(
        &self,
        start: &World,
        edges: &[usize],
        goal: &dyn Fn(&World) -> Option<World>,
    ) -> Result<Found, usize> {
        let mut worlds: Vec<(World, Option<(usize, Hop)>)> = vec![(start.clone(), None)];
        let mut seen: FxHashSet<World> = FxHashSet::from_iter([start.clone()]);
        let mut queue = VecDeque::from([0_usize]);
        let mut nodes = 0;
        while let Some(index) = queue.pop_front() {
            nodes += 1;
            if let Some(world) = goal(&worlds[index].0) {
                return Ok(Found { hops: way(&worlds, index), world, nodes });
            }
            if nodes > NODE_BUDGET {
                break;
            }
            for (hop, next) in self.successors(&worlds[index].0, edges) {
                if seen.insert(next.clone()) {
                    worlds.push((next, Some((index, hop))));
                    queue.push_back(worlds.len() - 1);
                }
            }
        }
        Err(nodes)
    }

    /// Every world one hop away.
    #[must_use]
    pub fn successors(&self, world: &World, edges: &[usize]) -> Vec<(Hop, World)> {
        let mut next = Vec::new();
        for index in edges {
            let edge = &self.edges[*index];
            if edge.to.is_none() && edge.effects.is_empty() && edge.answers.is_empty() {
                continue;
            }
            if let Some(narrowed) = self.applicable(world, edge) {
                next.push((Hop::Edge(*index), self.apply(&narrowed, edge)));
            }
        }
        let young: Vec<FactId> = self
            .timed
            .iter()
            .copied()
            .filter(|fact| world.known[*fact] != Known::Absent && !world.old.contains(fact))
            .collect();
        if !young.is_empty() {
            let mut aged = world.clone();
            for fact in young {
                aged.age(fact);
            }
            next.push((Hop::Wait, aged));
        }
        next
    }

    /// For an outcome that cannot be reached: the world that met most of its demands, described.
    #[must_use]
    pub fn nearest(&self, start: &World, edge: &Edge) -> String {
        let relevant = self.relevant(self.needs(edge));
        let mut seen: HashMap<World, ()> = HashMap::from([(start.clone(), ())]);
        let mut queue = VecDeque::from([start.clone()]);
        let mut best: (usize, Vec<String>) = (usize::MAX, Vec::new());
        let mut nodes = 0;
        while let Some(world) = queue.pop_front() {
            nodes += 1;
            let unmet = self.unmet(&world, edge);
            if unmet.len() < best.0 {
                best = (unmet.len(), unmet);
            }
            if nodes > 5_000 {
                break;
            }
            for (_, next) in self.successors(&world, &relevant) {
                if seen.insert(next.clone(), ()).is_none() {
                    queue.push_back(next);
                }
            }
        }
        best.1.join("; ")
    }

    /// What of an edge's demands a world does not meet, in words.
    #[must_use]
    pub fn unmet(&self, world: &World, edge: &Edge) -> Vec<String> {
        let mut unmet = Vec::new();
        let machine = &self.machines[edge.machine].name;
        let state = world.states[edge.machine];
        if edge.births {
            if !self.is_final(edge.machine, state) {
                unmet.push(format!("there is already a {machine}, which is {}", self.state_name(state)));
            }
        } else if !edge.from.is_empty() && !edge.from.contains(&state) {
            unmet.push(format!("{machine} is {}, not {}", self.state_name(state), self.state_list(&edge.from)));
        }
        for demand in &edge.demands {
            let mut copy = world.clone();
            if !self.meets(&mut copy, std::slice::from_ref(demand)) {
                unmet.push(self.describe_unmet(world, demand));
            }
        }
        for machine in &edge.exist {
            if world.states[*machine] == NONE_ID {
                unmet.push(format!("there is no {}", self.machines[*machine].name));
            }
        }
        for fact in &edge.sends {
            if !self.is_known(world, *fact) {
                unmet.push(format!("{} is not known", self.facts[*fact].name));
            }
        }
        unmet
    }

    fn describe_unmet(&self, world: &World, demand: &Demand) -> String {
        match demand {
            Demand::State(machine, states) => format!(
                "{} is {}, not {}",
                self.machines[*machine].name,
                self.state_name(world.states[*machine]),
                self.state_list(states)
            ),
            Demand::Setting(fact, _) => format!("{} has no choice left", self.facts[*fact].name),
            Demand::Fact(fact, test) => {
                let known = match world.known[*fact] {
                    Known::Absent => "not known".to_owned(),
                    Known::Present => "something".to_owned(),
                    other => self.plain(other).map_or_else(String::new, |plain| plain.to_string()),
                };
                let wanted = match test {
                    Test::Absent => "unknown".to_owned(),
                    Test::AtLeast(number) => format!("at least {number}"),
                    Test::AtMost(number) => format!("at most {number}"),
                    Test::In(choices) => self.known_list(choices),
                    Test::NotIn(choices) => format!("anything but {}", self.known_list(choices)),
                    Test::Older => "set long ago".to_owned(),
                    Test::Present => "known".to_owned(),
                    Test::Within => "set a short time ago".to_owned(),
                };
                format!("{} is {known}, not {wanted}", self.facts[*fact].name)
            }
        }
    }

    fn state_list(&self, states: &[StateId]) -> String {
        let names: Vec<&str> = states.iter().map(|state| self.state_name(*state)).collect();
        names.join(" or ")
    }

    fn known_list(&self, choices: &[Known]) -> String {
        choices
            .iter()
            .map(|known| self.plain(*known).map_or_else(|| "something".to_owned(), |plain| plain.to_string()))
            .collect::<Vec<_>>()
            .join(" or ")
    }
}

fn way(worlds: &[(World, Option<(usize, Hop)>)], end: usize) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut at = end;
    while let Some((before, hop)) = worlds[at].1 {
        hops.push(hop);
        at = before;
    }
    hops.reverse();
    hops
}
