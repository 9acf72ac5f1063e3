using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Datasets.Pictures;
using Serve.Api.Datasets.Storage;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;

namespace Serve.Api.Evaluation.Gallery;

/// <summary>Images on which an evaluated model goes wrong.</summary>
internal static class GalleryEndpoints
{
    private const int DefaultLimit = 20;
    private const int MostLimit = 100;
    private const int NamesShown = 20;

    public static void MapGallery(this IEndpointRouteBuilder evaluation)
        => evaluation.MapGet("/gallery", Get).WithName("GetEvaluationGallery").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>Images with their objects and detections, and what became of each.</summary>
    /// <remarks>
    /// From the score of the highest F1 on, each detection takes the object that it overlaps most, of whatever category, at IoU 0.5, as in the confusion matrix of the report:
    /// it is `matched`, `confused` with another category, or `false`; objects that none takes are `missed`. `worst` are images of the lowest F1, `missed` those with most missed
    /// objects, `false` and `confused` those whose wrong detection has the highest score.
    /// </remarks>
    /// <param name="id">The evaluation, which is done.</param>
    /// <param name="kind">`worst`, `missed`, `false` or `confused`; `worst` without it.</param>
    /// <param name="category">Name or id of the category whose errors count; all without it.</param>
    /// <param name="image">Id of the only image that is asked for, whatever is wrong with it; `kind` and `category` play no part then.</param>
    /// <param name="offset">Place of the first image, from 0.</param>
    /// <param name="limit">At most so many, 1..100; 20 without it.</param>
    /// <param name="context">The request.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="maker">Judges the detections.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<GalleryDocument>> Get(
        string id, string? kind, string? category, long? image, int? offset, int? limit, HttpContext context, EvaluationQueries queries, DatasetStore datasets, GalleryMaker maker,
        CancellationToken ct)
    {
        var chosen = KindOf(kind ?? "worst");
        if (offset < 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"offset\": {offset} is below 0.");
        if (limit is not (null or >= 1 and <= MostLimit))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"limit\": {limit} is not between 1 and {MostLimit}.");
        var evaluation = await queries.FindAsync(id, ct) ?? throw EvaluationEndpoints.Unknown(id);
        var withholding = await EvaluationEndpoints.WithholdingAsync(evaluation, context.Caller, datasets, ct);
        if (evaluation.State != EvaluationState.Done)
            throw EvaluationEndpoints.WithoutReport(evaluation, withholding);
        var document = new GalleryDocument { Evaluation = id, Kind = kind ?? "worst", Offset = offset ?? 0, Limit = limit ?? DefaultLimit };
        if (withholding.InPlaceOfGallery(document) is { } withheld)
            return TypedResults.Ok(withheld);
        var opened = await OpenAsync(evaluation, maker, ct);
        var asked = category is null ? null : CategoryOf(category, opened.Dataset, evaluation);
        var (images, total) = image is { } only ? OnlyImage(opened.Gallery, only) : opened.Gallery.Find(chosen, asked?.Id, document.Offset, document.Limit);
        var (names, addresses) = (CategoryLabels.Of(opened.Dataset), PictureAddresses.Of(opened.Opened, evaluation.Split));
        return TypedResults.Ok(document with
        {
            Category = asked?.Name,
            IouThreshold = opened.Gallery.IouThreshold,
            ScoreThreshold = opened.Gallery.ScoreThreshold,
            Images = [.. images.Select(judged => GalleryMaker.ImageOf(judged, opened, names, addresses))],
            Total = total,
        });
    }

    private static async Task<OpenedGallery> OpenAsync(EvaluationRow evaluation, GalleryMaker maker, CancellationToken ct)
    {
        try
        {
            return await maker.OpenAsync(evaluation, ct);
        }
        catch (InvalidInputException fault)
        {
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"There are no images to look at any more: {fault.Message}");
        }
    }

    private static (IReadOnlyList<JudgedImage> Images, int Total) OnlyImage(ErrorGallery gallery, long id) => gallery.Find(id) is { } image ? ([image], 1) : ([], 0);

    private static GalleryKind KindOf(string kind) => kind switch
    {
        "worst" => GalleryKind.Worst,
        "missed" => GalleryKind.Missed,
        "false" => GalleryKind.False,
        "confused" => GalleryKind.Confused,
        _ => throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"kind\": there is no \"{kind}\"; there are worst, missed, false and confused."),
    };

    private static Category CategoryOf(string asked, Dataset dataset, EvaluationRow evaluation)
    {
        if (dataset.Categories.FirstOrDefault(category => category.Name == asked) is { } named)
            return named;
        if (long.TryParse(asked, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) && dataset.Categories.FirstOrDefault(category => category.Id == id) is { } numbered)
            return numbered;
        var names = string.Join(", ", dataset.Categories.Take(NamesShown).Select(category => category.Name));
        throw new RequestRefusedException(StatusCodes.Status400BadRequest,
            $"Parameter \"category\": {evaluation.Dataset}/{evaluation.Split} has no \"{asked}\"; it has {names}{(dataset.Categories.Count > NamesShown ? $" and {dataset.Categories.Count - NamesShown} more" : "")}.");
    }
}
