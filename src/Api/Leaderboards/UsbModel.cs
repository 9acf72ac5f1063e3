using Serve.Api.Datasets;
using Serve.Api.Leaderboards.Storage;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Usb;
using Serve.Inference.Models;
using Serve.Inference.Usb;

namespace Serve.Api.Leaderboards;

/// <summary>At which size a model is run where methods compete by how many pixels they look at.</summary>
internal sealed class UsbModel(DatasetCatalogue datasets)
{
    /// <summary>The images of a leaderboard's datasets: their sizes decide how many pixels a model sees.</summary>
    public async Task<IReadOnlyList<ImageEntry>> ImagesAsync(StoredLeaderboard leaderboard, CancellationToken ct)
    {
        var images = new List<ImageEntry>();
        foreach (var dataset in leaderboard.Datasets)
        {
            var opened = await datasets.OpenAsync(dataset.Dataset, dataset.Version, ct);
            images.AddRange((await datasets.ReadAsync(opened.Folder, dataset.Split, AnnotationParts.Boxes, ct)).Images);
        }
        return images;
    }

    /// <summary>The passport under which a model keeps to the limit of a division.</summary>
    /// <param name="passport">Its passport.</param>
    /// <param name="division">The evaluation division.</param>
    /// <param name="images">What it is run on.</param>
    /// <returns>Null where it keeps to the limit as it is.</returns>
    /// <exception cref="InvalidInputException">There is no such division, or it is in a lower one as it is, or becomes too small.</exception>
    public static Passport? Within(Passport passport, string division, IReadOnlyList<ImageEntry> images)
    {
        var rules = UsbDivisions.Default;
        var asked = rules.Evaluation.FirstOrDefault(known => known.Id.Equals(division, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidInputException($"There is no evaluation division \"{division}\"; there are {string.Join(", ", rules.Evaluation.Select(known => known.Id))}.");
        var pixels = PassportSubmission.Pixels(passport.Input, images);
        var own = rules.EvaluationOf(pixels);
        if (own == asked)
            return null;
        if (asked.MaxPixels.Value is not { } limit || pixels <= limit)
            throw new InvalidInputException($"The model looks at {pixels:N0} pixels at most, which is the division {own.Id}; it is not run at more for {asked.Id}.");
        return PassportSubmission.ScaledTo(passport.Input, limit, images) is { } input
            ? passport with { Input = input }
            : throw new InvalidInputException($"The model's input of {passport.Input.Width} x {passport.Input.Height} cannot be scaled down to the {limit:N0} pixels of the division {asked.Id}.");
    }
}
