//! Imports: a file imports another if it names what the other defines, by `use`, by
//! a path or by calling a macro.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::source::Source;

/// The files of a crate by their modules' paths, such as `crate::field::id`.
pub(super) struct House(BTreeMap<String, Source>);

impl House {
    pub(super) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files.into_iter().map(|(file, text)| {
            let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
            let module = match path {
                "lib" => "crate".to_owned(),
                path => format!("crate::{}", path.replace('/', "::")),
            };
            (module, Source::parse(file, text))
        });
        Self(files.collect())
    }

    pub(super) fn of_this_crate() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let file = path.strip_prefix(&root).unwrap().to_str().unwrap();
                    let text = fs::read_to_string(&path).unwrap();
                    files.push((file.replace('\\', "/"), text));
                }
            }
        }
        Self::new(files.iter().map(|(file, text)| (&**file, &**text)))
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &Source> {
        self.0.values()
    }

    /// Returns the files that a module's file imports.
    pub(super) fn imports(&self, module: &str) -> Vec<&str> {
        let source = &self.0[module];
        let paths = source.imported_paths();
        let homes = paths.filter_map(|path| self.home(&self.absolute(module, path)?));
        let macros = source.macros.iter();
        let homes = homes.chain(macros.filter_map(|name| self.home_of_macro(name)));
        let files = homes.map(|home| &*self.0[home].file);
        let others: BTreeSet<&str> = files.filter(|file| *file != source.file).collect();
        others.into_iter().collect()
    }

    /// Returns the imports of files in a part that is listed above the importer's.
    pub(super) fn upward(&self, order: &[&str]) -> Vec<String> {
        let place = |file| order.iter().position(|listed| *listed == part(file));
        let mut upward = Vec::new();
        for (module, Source { file, .. }) in &self.0 {
            let imports = self.imports(module).into_iter();
            let above = imports.filter(|import| place(import) < place(file));
            upward.extend(above.map(|import| format!("{file} imports {import}")));
        }
        upward
    }

    /// Returns the groups of files that reach each other by imports.
    pub(super) fn circles(&self) -> Vec<Vec<&str>> {
        let files = self.0.iter();
        let imports: BTreeMap<&str, Vec<&str>> = files
            .map(|(module, source)| (&*source.file, self.imports(module)))
            .collect();
        let reached_from = |file: &str| {
            let mut reached = BTreeSet::new();
            let mut next = imports[file].clone();
            while let Some(file) = next.pop() {
                if reached.insert(file) {
                    next.extend(&imports[file]);
                }
            }
            reached
        };
        let files = imports.keys().copied();
        let reached: BTreeMap<_, _> = files.map(|file| (file, reached_from(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, others) in &reached {
            if others.contains(file) {
                let circle = others
                    .iter()
                    .filter(|other| reached[**other].contains(file));
                circles.insert(circle.copied().collect::<Vec<_>>());
            }
        }
        circles.into_iter().collect()
    }

    /// Returns a path from the crate's root, if it is one of this crate.
    fn absolute(&self, module: &str, path: &str) -> Option<String> {
        let first = path.split("::").next()?;
        if !["crate", "self", "super"].contains(&first)
            && !self.0.contains_key(&format!("{module}::{first}"))
        {
            return None;
        }
        let mut absolute = module.to_owned();
        for segment in path.split("::") {
            match segment {
                "crate" => "crate".clone_into(&mut absolute),
                "self" => {}
                "super" => absolute.truncate(absolute.rfind("::")?),
                name => absolute = format!("{absolute}::{name}"),
            }
        }
        Some(absolute)
    }

    /// Returns the module that defines what a path names.
    fn home(&self, path: &str) -> Option<&str> {
        if let Some((module, _)) = self.0.get_key_value(path) {
            return Some(module);
        }
        let (parent, name) = path.rsplit_once("::")?;
        let Some((module, source)) = self.0.get_key_value(parent) else {
            // Something of a type, such as a variant.
            return self.home(parent);
        };
        if name == "*" || source.items.contains(name) {
            return Some(module);
        }
        let follow = |path: &str| self.home(&self.absolute(module, path)?);
        let named = source.uses.iter().filter(|import| import.name == name);
        let globs = source.uses.iter().filter(|import| import.is_public_glob());
        let mut paths = named
            .map(|import| import.path.clone())
            .chain(globs.map(|import| import.path.replace('*', name)));
        match paths.find_map(|path| follow(&path)) {
            None if module == "crate" => self.home_of_macro(name),
            // A macro defines it here.
            None => Some(module),
            home => home,
        }
    }

    fn home_of_macro(&self, name: &str) -> Option<&str> {
        let defines = |source: &Source| source.own_macros.contains(name);
        let (module, _) = self.0.iter().find(|(_, source)| defines(source))?;
        Some(module)
    }
}

/// Returns the part of a file: its folder at the top, or else its name.
pub(super) fn part(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.trim_end_matches(".rs")
}
