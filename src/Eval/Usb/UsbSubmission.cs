namespace Serve.Eval.Usb;

/// <summary>Training on one dataset.</summary>
/// <param name="Dataset">Dataset and split, as <c>coco/train2017</c>.</param>
/// <param name="Epochs">Passes over it.</param>
public sealed record UsbTraining(string Dataset, double Epochs);

/// <summary>A model of a submission, and how it came about.</summary>
public sealed record UsbEntry
{
    /// <summary>What to call it.</summary>
    public required string Model { get; init; }

    /// <summary>The datasets that it is for: one, several where it was trained on them together, none for a model of other data; null where not known.</summary>
    public IReadOnlyList<UsbDataset>? Datasets { get; init; }

    /// <summary>What it was trained on last, together.</summary>
    public required IReadOnlyList<UsbTraining> Trained { get; init; }

    /// <summary>What it was trained on before that, one after another.</summary>
    public IReadOnlyList<UsbTraining> Pretrained { get; init; } = [];

    /// <summary>Width times height of its largest resized image, before padding; of the largest scale where it looks at several. Null where not known.</summary>
    public long? MaxPixels { get; init; }

    /// <summary>Epochs on the target: datasets of one training are passed over together.</summary>
    public double TargetEpochs => Trained.Count == 0 ? 0 : Trained.Max(training => training.Epochs);

    /// <summary>Epochs of the whole chain that count: the target's and those of each pre-training for detection.</summary>
    public double ChainEpochs(UsbDivisions rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return TargetEpochs + Pretrained.Where(training => rules.CountsEpochs(training.Dataset)).Sum(training => training.Epochs);
    }

    /// <summary>Data outside the benchmark that it was helped by; a model for none of the three has data of its own.</summary>
    public IEnumerable<string> ExtraData(UsbDivisions rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return Pretrained.Concat(Datasets is { Count: > 0 } ? Trained : []).Select(training => training.Dataset).Where(name => !rules.IsFree(name)).Distinct();
    }
}

/// <summary>What a method is submitted with.</summary>
public sealed record UsbSubmission
{
    /// <summary>Its models: one a dataset, or one for all.</summary>
    public required IReadOnlyList<UsbEntry> Entries { get; init; }

    /// <summary>Its numbers.</summary>
    public UsbResults Results { get; init; } = new(new Dictionary<UsbDataset, UsbNumbers>());

    /// <summary>Kinds of annotations used beside boxes, such as masks.</summary>
    public IReadOnlyList<string> OtherAnnotations { get; init; } = [];

    /// <summary>Aggressive hyper-parameter optimisation was used.</summary>
    public bool Ahpo { get; init; }

    /// <summary>Images are looked at in several forms and the detections merged.</summary>
    public bool TestTimeAugmentation { get; init; }

    /// <summary>Training divisions in which results of the method are reported too, such as <c>1.0</c>.</summary>
    public IReadOnlyList<string> Reported { get; init; } = [];

    /// <summary>Results without data outside the benchmark are reported too.</summary>
    public bool ReportedWithoutExtraData { get; init; }

    /// <summary>What is not declared and was assumed, a sentence each.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];
}
