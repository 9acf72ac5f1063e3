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

    /// <summary>The same input made smaller, so that no image is resized to more pixels than a limit.</summary>
    /// <param name="input">The input; the sides of its graph have to be dynamic.</param>
    /// <param name="limit">Most pixels of a resized image, before padding.</param>
    /// <param name="images">The images; empty where the input is taken to be filled.</param>
    /// <returns>Null where it would become too small to be of use.</returns>
    public static InputSpec? ScaledTo(InputSpec input, long limit, IReadOnlyList<ImageEntry> images)
    {
        ArgumentNullException.ThrowIfNull(input);
        const double step = 0.99;
        for (var scale = Math.Sqrt((double)limit / Pixels(input, images)); scale > 0; scale *= step)
        {
            var scaled = input with { Width = Side(input.Width * scale, input.SizeMultiple), Height = Side(input.Height * scale, input.SizeMultiple) };
            if (scaled.Width == 0 || scaled.Height == 0)
                return null;
            if (Pixels(scaled, images) <= limit)
                return scaled;
        }
        return null;

        // Most graphs halve their sides five times.
        static int Side(double side, int multiple) => (int)side / Math.Max(multiple, side >= 128 ? 32 : 1) * Math.Max(multiple, side >= 128 ? 32 : 1);
    }

    /// <summary>Width times height of the largest resized image, before padding.</summary>
    /// <param name="input">What the model wants.</param>
    /// <param name="images">The images; null or empty where the input is taken to be filled.</param>
    public static long Pixels(InputSpec input, IReadOnlyList<ImageEntry>? images)
    {
        ArgumentNullException.ThrowIfNull(input);
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
