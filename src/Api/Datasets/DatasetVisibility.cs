using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Api.Datasets;

/// <summary>Who sees what was derived from a dataset's annotations; see <see cref="Withholding"/>. On the wire in lower case.</summary>
[JsonConverter(typeof(DatasetVisibilityConverter))]
public enum DatasetVisibility
{
    /// <summary>Everyone who may read.</summary>
    Public,

    /// <summary>The dataset's owner and administrators.</summary>
    Private,
}

/// <summary>Where a version of a dataset came from. On the wire in lower case.</summary>
[JsonConverter(typeof(DatasetOriginConverter))]
public enum DatasetOrigin
{
    /// <summary>It lies in the data folder, where whoever runs the server put it.</summary>
    Folder,

    /// <summary>It was uploaded.</summary>
    Upload,

    /// <summary>It was copied from a folder of the server.</summary>
    Path,
}

/// <summary>Writes <c>public</c>, <c>private</c>.</summary>
internal sealed class DatasetVisibilityConverter() : JsonStringEnumConverter<DatasetVisibility>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>Writes <c>folder</c>, <c>upload</c>, <c>path</c>.</summary>
internal sealed class DatasetOriginConverter() : JsonStringEnumConverter<DatasetOrigin>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
