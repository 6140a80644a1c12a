//! What building or checking a city brings to light.

use std::fmt;

/// Most examples that a finding keeps; the count goes on.
pub const FINDING_EXAMPLES_MAX: usize = 5;

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weight {
    /// The city works, and someone should look.
    Warning,
    /// The city cannot be used as it is.
    Error,
}

/// One kind of trouble, how often it was met, and the first places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What is wrong.
    pub trouble: Trouble,
    /// How often.
    pub count: usize,
    /// At most [`FINDING_EXAMPLES_MAX`] of them, in words.
    pub examples: Vec<String>,
}

/// Everything found, in the order in which it was looked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident $weight:ident $zh:literal, $en:literal;)+) => {
        /// The closed list of what can be wrong with a city.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Trouble { $($(#[$doc])* $name,)+ }
        impl Trouble {
            /// How much it weighs.
            pub const fn weight(self) -> Weight {
                match self { $(Self::$name => Weight::$weight),+ }
            }
            /// 说明
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh),+ }
            }
            /// The sentence in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en),+ }
            }
        }
    };
}

troubles! {
    /// `Rules::read` refuses the five files.
    Rules Error "规则文件不能使用", "the rule files cannot be used";
    /// An area without its parent; calls there would belong to nobody above.
    Orphan Error "区域缺少上级", "an area has no parent";
    /// The fallback area is not in the territory.
    Fallback Error "兜底区域不在区划表中", "the fallback area is not in the territory";
    /// The zone is not one that the program knows.
    Zone Error "时区未知", "the zone is unknown";
    /// An area stands outside the county of `city.toml`.
    OutsideCounty Error "区域不属于本县区", "an area lies outside the county";
    /// A unit's area is not in the territory.
    UnitWithoutArea Error "单位所属区域不在区划表中", "a unit names an area that is not in the territory";
    /// A unit's parent is no unit.
    ParentUnknown Error "上级单位不存在", "a unit names a parent that is no unit";
    /// `areas.geojson` cannot be read.
    Shapes Error "区域图形文件不能使用", "the polygons cannot be used";
    /// A polygon's code or level is not in the territory.
    ShapeUnknown Error "图形的代码不在区划表中", "a polygon bears a code that is not in the territory";
    /// An area has no unit: its rung is skipped.
    AreaWithoutUnit Warning "区域没有单位,该层级将被跳过", "an area has no unit and its rung is skipped";
    /// A unit has no people: the case goes to the rung above at once.
    Vacancy Warning "单位无人在岗", "a unit has nobody";
    /// A grid has fewer than one full-time member and one instructor.
    GridStaff Warning "网格未配齐专职网格员和党建指导员", "a grid lacks its full-time member or its instructor";
    /// A micro-grid without exactly one member.
    MicroGridStaff Warning "微网格应有一名微网格员", "a micro-grid has not exactly one member";
    /// Nothing says by when a matter is to be resolved: its cases count as *unknown*.
    NoTarget Warning "没有办结时限,按未知统计", "a matter has no resolve limit and counts as unknown";
    /// The duty list names a class that the policy does not have.
    DutyWithoutClass Warning "派单目录的类别不在政策中", "the duty list names a class that the policy lacks";
    /// A matter starts at the department and no department is named: it goes to the command centre at once.
    DutyWithoutDepartment Warning "首派部门未指定,将直达指挥中心", "a matter starts at a department that is not named";
    /// An area of a level that has polygons has none itself.
    AreaWithoutShape Warning "区域没有图形", "an area has no polygon though others of its level have";
    /// Two areas of a level share ground.
    Overlap Warning "同级区域重叠", "two areas of a level overlap";
    /// Ground of an area belongs to none of the areas below.
    Gap Warning "下级区域未全覆盖", "the areas below leave a gap";
    /// An area reaches out of its parent.
    Straddle Warning "区域超出上级范围", "an area reaches out of its parent";
    /// The interior point lies in no area above; the largest overlap decided.
    PlacedByOverlap Warning "按最大重叠归属上级", "an area was placed by its largest overlap";
    /// The area touches no area above; the nearest decided.
    PlacedByNearness Warning "按最近距离归属上级", "an area was placed by nearness";
    /// The official code that a feature brings does not fit here, and a serial number was given.
    CodeRefused Warning "自带代码不适用,已另行编号", "a feature's own code does not fit and was replaced";
    /// A feature without a name; its code stands for it.
    Nameless Warning "图形没有名称", "a feature has no name";
    /// An area of the levels given has none below it.
    Childless Warning "区域没有下级", "an area has no areas below it";
}

impl Findings {
    /// Notes one more case of a trouble.
    pub fn note(&mut self, trouble: Trouble, example: impl Into<String>) {
        let known = self.list.iter().position(|finding| finding.trouble == trouble);
        let at = known.unwrap_or_else(|| {
            self.list.push(Finding { trouble, count: 0, examples: Vec::new() });
            self.list.len() - 1
        });
        let finding = &mut self.list[at];
        finding.count += 1;
        if finding.examples.len() < FINDING_EXAMPLES_MAX {
            finding.examples.push(example.into());
        }
    }

    /// Notes the cases of a trouble that can be ranked, the worst first.
    pub(super) fn note_worst_first(&mut self, trouble: Trouble, mut cases: Vec<(f64, String)>) {
        cases.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        for (_, example) in cases {
            self.note(trouble, example);
        }
    }

    /// Every finding, in the order in which it was met.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    /// How often a trouble was met.
    pub fn count(&self, trouble: Trouble) -> usize {
        self.list.iter().find(|finding| finding.trouble == trouble).map_or(0, |finding| finding.count)
    }

    /// The heaviest weight; none when nothing was found. The caller makes its exit code of it.
    pub fn weight(&self) -> Option<Weight> {
        self.list.iter().map(|finding| finding.trouble.weight()).max()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ×{}: {}", self.trouble.en(), self.count, self.examples.join("; "))?;
        if self.count > self.examples.len() { f.write_str("; …") } else { Ok(()) }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}
