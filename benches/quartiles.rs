/// Quartiles of some values.
pub struct Quartiles {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Quartiles {
    /// Returns the quartiles of at least one value.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let quartile = |at: usize| values[(values.len() - 1) * at / 4];
        Self {
            low: quartile(1),
            median: quartile(2),
            high: quartile(3),
        }
    }
}
