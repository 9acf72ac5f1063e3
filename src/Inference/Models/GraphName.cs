using System.Globalization;

namespace Serve.Inference.Models;

/// <summary>The name of a model whose passport gives none.</summary>
internal static class GraphName
{
    /// <summary>
    /// Of <c>name.onnx</c> the file's, of <c>name/model.onnx</c> and <c>name/version/model.onnx</c> the folder's; what cannot stand in a name becomes a dash.
    /// </summary>
    public static string Of(string graphPath)
    {
        var path = Path.GetFullPath(graphPath);
        var name = Path.GetFileNameWithoutExtension(path);
        if (Path.GetFileName(path) == DetectionModel.GraphFileName && Path.GetDirectoryName(path) is { } folder)
        {
            var above = Path.GetFileName(Path.GetDirectoryName(folder));
            var isVersion = int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _) && !string.IsNullOrEmpty(above);
            name = isVersion ? above! : Path.GetFileName(folder);
        }

        var clean = string.Concat(name.Take(100).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '-')).TrimStart('.', '-', '_');
        return clean.Length > 0 ? clean : "model";
    }
}
