namespace Serve.Eval.Checks;

/// <summary>Every kind of fault that a check can find.</summary>
public static class FaultKinds
{
    /// <summary>The file is not what its format needs: not JSON or XML, or another document altogether.</summary>
    public static FaultKind UnreadableFile { get; } = Error("unreadable-file", "the file cannot be read to its end; what stands behind the fault was not checked");

    /// <summary>A list that the format needs is missing or is no list.</summary>
    public static FaultKind MissingList { get; } = Error("missing-list", "a list is missing, occurs twice, or is no list");

    /// <summary>A record is not an object.</summary>
    public static FaultKind NotARecord { get; } = Error("not-a-record", "an entry of a list is not a record");

    /// <summary>A field that every record needs is missing.</summary>
    public static FaultKind MissingField { get; } = Error("missing-field", "a field is missing");

    /// <summary>A field holds a value of another type, or out of its range.</summary>
    public static FaultKind WrongValue { get; } = Error("wrong-value", "a field holds something else than it must");

    /// <summary>A number is NaN or infinite.</summary>
    public static FaultKind NotFinite { get; } = Error("not-finite", "a number is NaN or infinite, which JSON does not allow and no evaluation can use");

    /// <summary>Two images have the same id.</summary>
    public static FaultKind DuplicateImageId { get; } = Error("duplicate-image-id", "two images have the same id");

    /// <summary>Two categories have the same id.</summary>
    public static FaultKind DuplicateCategoryId { get; } = Error("duplicate-category-id", "two categories have the same id");

    /// <summary>Two annotations have the same id.</summary>
    public static FaultKind DuplicateAnnotationId { get; } = Error("duplicate-annotation-id", "two annotations have the same id; the reference evaluator keeps the last only");

    /// <summary>An annotation's id is 0.</summary>
    public static FaultKind AnnotationIdZero { get; } = Warning("annotation-id-zero", "an annotation has the id 0; the reference evaluator counts it as never found");

    /// <summary>An annotation is on an image that is not listed.</summary>
    public static FaultKind UnknownImage { get; } = Error("unknown-image", "an annotation is on an image that the dataset does not list");

    /// <summary>A record names a category that is not listed.</summary>
    public static FaultKind UnknownCategory { get; } = Error("unknown-category", "a record names a category that the dataset does not list");

    /// <summary>Two categories have the same name.</summary>
    public static FaultKind DuplicateCategoryName { get; } = Warning("duplicate-category-name", "two categories have the same name; models are matched to datasets by name");

    /// <summary>Two images have the same file name.</summary>
    public static FaultKind DuplicateFileName { get; } = Warning("duplicate-file-name", "two images have the same picture file");

    /// <summary>The same object is annotated twice.</summary>
    public static FaultKind DuplicateObject { get; } = Warning("duplicate-object", "the same box of the same category is annotated twice on an image; only one of them can be found");

    /// <summary>An image has objects of a category that it declares absent.</summary>
    public static FaultKind NegativeCategory { get; } = Error("negative-category", "an image has objects of a category that it says is not there");

    /// <summary>A box has a negative width or height.</summary>
    public static FaultKind NegativeSize { get; } = Error("negative-size", "a box has a negative width or height");

    /// <summary>A box has no area.</summary>
    public static FaultKind ZeroArea { get; } = Warning("zero-area", "a box has no area; the COCO protocol counts it as an object that nobody can find");

    /// <summary>A box does not touch its image.</summary>
    public static FaultKind BoxOffImage { get; } = Error("box-off-image", "a box lies wholly outside its image");

    /// <summary>A box reaches outside its image.</summary>
    public static FaultKind BoxOutside { get; } = Warning("box-outside", "a box reaches outside its image by more than a pixel");

    /// <summary>The area is not that of the box or the mask.</summary>
    public static FaultKind AreaDiffers { get; } = Warning(
        "area-differs", "the area is not that of the mask, or larger than the box where there is no mask; areas decide small, medium and large");

    /// <summary>The area is smaller than the box, and no mask says why.</summary>
    public static FaultKind AreaBelowBox { get; } = Information(
        "area-below-box", "the area is smaller than the box, as that of a mask that was left out would be; areas decide small, medium and large");

    /// <summary>An area is negative.</summary>
    public static FaultKind NegativeArea { get; } = Error("negative-area", "an area is negative");

    /// <summary>The first polygon of a mask has fewer than three points.</summary>
    public static FaultKind ShortPolygon { get; } = Error("short-polygon", "the first polygon of a mask has fewer than three points; the reference evaluator refuses such a mask");

    /// <summary>A later polygon of a mask has fewer than three points.</summary>
    public static FaultKind EmptyPolygon { get; } = Warning("empty-polygon", "a polygon behind the first has fewer than three points; nothing is drawn of it");

    /// <summary>A polygon has an odd number of coordinates.</summary>
    public static FaultKind OddPolygon { get; } = Warning("odd-polygon", "a polygon has an odd number of coordinates; the last is left out");

    /// <summary>A polygon reaches outside its image.</summary>
    public static FaultKind PolygonOutside { get; } = Warning("polygon-outside", "a polygon reaches outside its image by more than a pixel; what is outside is cut off");

    /// <summary>The runs of a mask do not fit into it.</summary>
    public static FaultKind RunLengthSum { get; } = Error("run-length-sum", "the run lengths of a mask add up to more than its height times its width");

    /// <summary>The runs of a mask do not fill it.</summary>
    public static FaultKind RunLengthShort { get; } = Warning("run-length-short", "the run lengths of a mask add up to less than its height times its width; the rest counts as outside");

    /// <summary>Run lengths that are no run lengths.</summary>
    public static FaultKind RunLengthText { get; } = Error("run-length-text", "the text of a mask's run lengths cannot be read");

    /// <summary>A mask is not as large as its image.</summary>
    public static FaultKind MaskSize { get; } = Error("mask-size", "a mask is not as large as its image");

    /// <summary>Keypoints do not come in threes, or are not as many as the category has.</summary>
    public static FaultKind KeypointCount { get; } = Error("keypoint-count", "keypoints do not come in threes, or are more or fewer than their category has");

    /// <summary>The number of labelled keypoints is wrong.</summary>
    public static FaultKind LabelledCount { get; } = Warning("labelled-count", "num_keypoints is not the number of keypoints that are labelled");

    /// <summary>A file name that points outside the pictures' folder.</summary>
    public static FaultKind FileNameOutside { get; } = Error("file-name-outside", "a file name is no relative path inside the pictures' folder");

    /// <summary>A picture is missing.</summary>
    public static FaultKind MissingPicture { get; } = Error("missing-picture", "a picture is missing");

    /// <summary>A picture cannot be read.</summary>
    public static FaultKind UnreadablePicture { get; } = Error("unreadable-picture", "a picture cannot be read");

    /// <summary>A picture has another size than declared.</summary>
    public static FaultKind PictureSize { get; } = Error("picture-size", "a picture has another size than the dataset says (after turning it upright); its boxes would not fit");

    /// <summary>An image's size is not declared.</summary>
    public static FaultKind UnknownSize { get; } = Warning("unknown-size", "an image's width or height is not given; relative scales and masks need it");

    /// <summary>Pictures were not looked for.</summary>
    public static FaultKind PicturesNotChecked { get; } = Information("pictures-not-checked", "there is no folder of pictures; they were not checked");

    /// <summary>A label file without a picture.</summary>
    public static FaultKind LabelWithoutPicture { get; } = Warning("label-without-picture", "a label file belongs to no picture; its objects are left out");

    /// <summary>A split list names an image that is not there.</summary>
    public static FaultKind UnlistedImage { get; } = Error("unlisted-image", "a split names an image that has no annotation file");

    /// <summary>The same picture is in two splits.</summary>
    public static FaultKind PictureInTwoSplits { get; } = Error("picture-in-two-splits", "the same picture is in two splits; a model trained on one is tested on what it has seen");

    /// <summary>The same picture is twice in a split.</summary>
    public static FaultKind PictureTwice { get; } = Warning("picture-twice", "two images of a split have the same picture");

    /// <summary>Two splits disagree about the categories.</summary>
    public static FaultKind CategoriesDiffer { get; } = Error("categories-differ", "two splits give the same id to different categories, or different ids to the same");

    /// <summary>A benchmark's books are not all there.</summary>
    public static FaultKind MissingBooks { get; } = Warning("missing-books", "a split of the benchmark is not complete; its numbers cannot be compared with published ones");

    /// <summary>An image without objects.</summary>
    public static FaultKind EmptyImage { get; } = Information("empty-image", "an image has no objects; every detection on it is a false positive");

    /// <summary>A category without objects.</summary>
    public static FaultKind EmptyCategory { get; } = Information("empty-category", "a category has no objects; it has no AP and is left out of means");

    private static FaultKind Error(string code, string title) => new(code, Severity.Error, title);

    private static FaultKind Warning(string code, string title) => new(code, Severity.Warning, title);

    private static FaultKind Information(string code, string title) => new(code, Severity.Information, title);
}
