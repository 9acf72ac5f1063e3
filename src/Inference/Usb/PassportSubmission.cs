using System.Globalization;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Usb;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Usb;

/// <summary>What a user states of a training, in the place of what the passports say; null where nothing is stated.</summary>
/// <param name="Annotations">Kinds of annotations, such as <c>boxes</c> and <c>masks</c>.</param>
/// <param name="Ahpo">Aggressive hyper-parameter optimisation was used.</param>
/// <param name="TestTimeAugmentation">Images are looked at in several forms.</param>
public sealed record TrainingStatement(IReadOnlyList<string>? Annotations = null, bool? Ahpo = null, bool? TestTimeAugmentation = null);

/// <summary>Reads from passports what the USB benchmark asks of a submission.</summary>
public static class PassportSubmission
{
    private const string Boxes = "boxes";

    /// <summary>Makes a submission of the models of a method, one a dataset or one for all.</summary>
    /// <param name="passports">At least one.</param>
    /// <param name="rules">The benchmark's rules.</param>
    /// <param name="stated">What is stated in the place of the passports.</param>
    /// <param name="images">Images that the models are evaluated on, whose sizes count; null where the models' inputs are taken to be filled.</param>
    /// <exception cref="InvalidInputException">A passport states no provenance.</exception>
    public static UsbSubmission Of(IReadOnlyList<Passport> passports, UsbDivisions rules, TrainingStatement? stated = null, IReadOnlyList<ImageEntry>? images = null)
    {
        ArgumentNullException.ThrowIfNull(passports);
        ArgumentNullException.ThrowIfNull(rules);
        stated ??= new();
        List<UsbEntry> entries = [.. passports.Select(passport => Entry(passport, rules, images))];
        var provenances = passports.Select(passport => passport.Provenance!).ToList();
        return new()
        {
            Entries = entries,
            OtherAnnotations = [.. (stated.Annotations ?? provenances.SelectMany(from => from.AnnotationTypes ?? [])).Where(kind => kind != Boxes).Distinct()],
            Ahpo = stated.Ahpo ?? provenances.Any(from => from.AggressiveTuning ?? false),
            TestTimeAugmentation = stated.TestTimeAugmentation ?? provenances.Any(from => from.TestTimeAugmentation ?? false),
            Assumptions = [.. passports.SelectMany(passport => Assumptions(passport, stated, images))],
        };
    }

    /// <summary>The entry of a model.</summary>
    /// <param name="passport">Its passport.</param>
    /// <param name="rules">The benchmark's rules.</param>
    /// <param name="images">Images that it is evaluated on, whose sizes count; null where its input is taken to be filled.</param>
    /// <exception cref="InvalidInputException">The passport states no provenance.</exception>
    public static UsbEntry Entry(Passport passport, UsbDivisions rules, IReadOnlyList<ImageEntry>? images = null)
    {
        ArgumentNullException.ThrowIfNull(passport);
        ArgumentNullException.ThrowIfNull(rules);
        var from = passport.Provenance
            ?? throw new InvalidInputException($"{NameOf(passport)}: its passport states no provenance, so that no training division can be found; state the epochs instead.");
        return new()
        {
            Model = NameOf(passport),
            Datasets = [.. from.TrainedOn.Select(data => rules.DatasetOf(data.Name)).OfType<UsbDataset>().Distinct()],
            Trained = [.. from.TrainedOn.Select(data => new UsbTraining(data.Name, data.Epochs))],
            Pretrained = [.. from.PretrainedOn.Select(data => new UsbTraining(data.Name, data.Epochs))],
            MaxPixels = Pixels(passport.Input, images),
        };
    }

    /// <summary>Width times height of the largest resized image, before padding.</summary>
    private static long Pixels(InputSpec input, IReadOnlyList<ImageEntry>? images)
    {
        var plans = (images ?? []).Where(image => image is { Width: > 0, Height: > 0 })
            .Select(image => (image.Width, image.Height)).Distinct().Select(size => ResizePlan.For(input, size.Width, size.Height));
        return plans.Select(plan => (long)plan.Width * plan.Height).DefaultIfEmpty((long)input.Width * input.Height).Max();
    }

    private static IEnumerable<string> Assumptions(Passport passport, TrainingStatement stated, IReadOnlyList<ImageEntry>? images)
    {
        var (name, from, input) = (NameOf(passport), passport.Provenance!, passport.Input);
        if (stated.Annotations is null && from.AnnotationTypes is null)
            yield return $"{name}: its passport does not state kinds of annotations; boxes alone are assumed.";
        if (stated.Ahpo is null && from.AggressiveTuning is null)
            yield return $"{name}: its passport does not state how hyper-parameters were chosen; no aggressive optimisation is assumed.";
        if (stated.TestTimeAugmentation is null && from.TestTimeAugmentation is null)
            yield return $"{name}: its passport does not state test-time augmentation; none is assumed.";
        if (images is null && input.Resize is not ResizeRule.Stretch)
            yield return string.Create(CultureInfo.InvariantCulture, $"{name}: images are assumed to fill its input of {input.Width} x {input.Height} pixels; they may be smaller before padding.");
    }

    private static string NameOf(Passport passport) => string.Create(CultureInfo.InvariantCulture, $"{passport.Name} {passport.Version}");
}
