//! Numbered storage: values refer to each other by [`Id`], which outlives its value harmlessly.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// Names a value of a [`Slab`]; it never names a later value in the same place.
pub struct Id<T> {
    place: u32,
    life: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Id<T> {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Id<T>) -> bool {
        (self.place, self.life) == (other.place, other.life)
    }
}

impl<T> Eq for Id<T> {}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.place, self.life).hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}.{}", self.place, self.life)
    }
}

impl<T> Id<T> {
    /// As one number, for event tokens.
    pub fn to_bits(self) -> u64 {
        u64::from(self.life) << 32 | u64::from(self.place)
    }
}

/// Lives of a place that are told apart; what is left of the number is for [`crate::reactor`]'s use.
const LIVES: u32 = (1 << 28) - 1;

/// Values in numbered places.
pub struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
    count: usize,
}

struct Place<T> {
    life: u32,
    value: Option<T>,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { places: Vec::new(), free: Vec::new(), count: 0 }
    }
}

impl<T> Slab<T> {
    /// Stores a value.
    pub fn insert(&mut self, value: T) -> Id<T> {
        self.count += 1;
        if let Some(place) = self.free.pop()
            && let Some(slot) = self.places.get_mut(place as usize)
        {
            slot.value = Some(value);
            return Id { place, life: slot.life, kind: PhantomData };
        }
        let place = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(Place { life: 0, value: Some(value) });
        Id { place, life: 0, kind: PhantomData }
    }

    /// Takes a value out.
    pub fn remove(&mut self, id: Id<T>) -> Option<T> {
        let slot = self.places.get_mut(id.place as usize).filter(|slot| slot.life == id.life)?;
        let value = slot.value.take()?;
        slot.life = slot.life.wrapping_add(1) & LIVES;
        self.free.push(id.place);
        self.count -= 1;
        Some(value)
    }

    /// The value, if it is still there.
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.places.get(id.place as usize).filter(|slot| slot.life == id.life)?.value.as_ref()
    }

    /// The value, to be changed.
    pub fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.places.get_mut(id.place as usize).filter(|slot| slot.life == id.life)?.value.as_mut()
    }

    /// The value named by [`Id::to_bits`].
    pub fn id_from_bits(bits: u64) -> Id<T> {
        let place = u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        let life = u32::try_from(bits >> 32).unwrap_or(u32::MAX);
        Id { place, life, kind: PhantomData }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The names of all values.
    pub fn ids(&self) -> impl Iterator<Item = Id<T>> + '_ {
        (0u32..).zip(&self.places).filter(|(_, slot)| slot.value.is_some()).map(|(place, slot)| Id {
            place,
            life: slot.life,
            kind: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_name_never_finds_a_new_value() {
        let mut slab = Slab::default();
        let first = slab.insert("a");
        assert_eq!(slab.remove(first), Some("a"));
        let second = slab.insert("b");
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get(second), Some(&"b"));
        assert_eq!(slab.len(), 1);
        assert_eq!(Slab::<&str>::id_from_bits(second.to_bits()), second);
        assert_eq!(slab.ids().collect::<Vec<_>>(), [second]);
    }
}
