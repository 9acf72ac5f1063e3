namespace Serve.Eval.Usb;

/// <summary>A training division: how long a model may be trained.</summary>
/// <param name="Id">Its number, such as <c>1.0</c>, or a name where it has no limit.</param>
/// <param name="MaxEpochs">Most epochs; null for any number.</param>
/// <param name="Ahpo">Whether aggressive hyper-parameter optimisation is allowed.</param>
/// <param name="Requires">Divisions whose results must be reported too.</param>
/// <param name="Typical">A schedule or method that belongs there.</param>
public sealed record UsbTrainingDivision(
    string Id, Sourced<double?> MaxEpochs, Sourced<bool> Ahpo, Sourced<IReadOnlyList<string>> Requires, Sourced<string> Typical);

/// <summary>An evaluation division: how many pixels a model may see.</summary>
/// <param name="Id">Its name, such as <c>Standard</c>.</param>
/// <param name="MaxPixels">Most pixels of a resized image before padding; null for any number.</param>
/// <param name="TypicalScale">A size that belongs there, width x height.</param>
public sealed record UsbEvaluationDivision(string Id, Sourced<long?> MaxPixels, Sourced<string>? TypicalScale = null);

/// <summary>What is added to a training division's number.</summary>
/// <param name="OtherAnnotations">For training with annotations other than boxes.</param>
/// <param name="Ahpo">For aggressive hyper-parameter optimisation.</param>
public sealed record UsbBonuses(Sourced<decimal> OtherAnnotations, Sourced<decimal> Ahpo);

/// <summary>Data outside the benchmark that is known to it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Aliases">What a passport may call it: lower-case letters and digits.</param>
/// <param name="IsFree">Whether it may be used for pre-training without giving results without it.</param>
/// <param name="CountsEpochs">Whether epochs on it count towards a training division.</param>
public sealed record UsbOtherData(string Name, IReadOnlyList<string> Aliases, Sourced<bool> IsFree, Sourced<bool> CountsEpochs);

/// <summary>A split of a dataset.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Images">Number of images, where known.</param>
/// <param name="Volumes">Manga109: how many books the split has, where they are not listed: those of no other split.</param>
/// <param name="Books">Manga109: the books of the split, where they are listed.</param>
public sealed record UsbSplit(
    string Name, Sourced<string> Role, Sourced<int>? Images = null, Sourced<int>? Volumes = null, Sourced<IReadOnlyList<string>>? Books = null);

/// <summary>The rules of a dataset of the benchmark.</summary>
/// <param name="Id">The dataset.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Aliases">What a passport may call it: lower-case letters and digits.</param>
/// <param name="Categories">Names of its categories by rising id from 1; null where the dataset itself says.</param>
/// <param name="MaxDetections">Detection limits.</param>
/// <param name="FilterEmpty">Whether images without annotations are left out.</param>
/// <param name="TestScale">Largest test size of the published results in the Standard division, width x height.</param>
/// <param name="Splits">Its splits.</param>
public sealed record UsbDatasetRules(
    UsbDataset Id, string Name, IReadOnlyList<string> Aliases, Sourced<IReadOnlyList<string>>? Categories, Sourced<IReadOnlyList<int>> MaxDetections,
    Sourced<bool> FilterEmpty, Sourced<string> TestScale, IReadOnlyList<UsbSplit> Splits);
