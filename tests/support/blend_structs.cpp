// SPDX-License-Identifier: MIT
#include "tests/support/blend_structs.hpp"

namespace souschef::test {

const char* const kBlendStructs = R"(
struct DrawDataList { void *first, *last; };
struct ListBase { void *first, *last; };
struct rctf { float xmin, xmax, ymin, ymax; };

struct ID {
  void *next, *prev; ID *newid; Library *lib; char name[66]; short flag; int tag, us, icon_id, recalc, session_uuid;
  IDProperty *properties; IDOverrideLibrary *override_library; ID *orig_id; void *py_instance;
  LibraryWeakReference *library_weak_reference; };
struct IDPropertyData { void *pointer; ListBase group; int val, val2; };
struct IDProperty {
  IDProperty *next, *prev; char type, subtype; short flag; char name[64]; int saved; IDPropertyData data;
  int len, totallen; };
struct IDOverrideLibrary { ID *reference; ListBase properties; ID *hierarchy_root, *storage; };
struct IDOverrideLibraryProperty {
  IDOverrideLibraryProperty *next, *prev; char *rna_path; ListBase operations; short tag; char _pad[6]; };
struct LibraryWeakReference { char library_filepath[1024], library_id_name[66], _pad[2]; };
struct PackedFile { int size, seek; void *data; };
struct Library { ID id; void *filedata; char name[1024], filepath_abs[1024]; Library *parent; PackedFile *packedfile; };
struct PreviewImage { int w[2], h[2]; int *rect[2]; };

struct ImageUser { Scene *scene; int framenr, frames, offset, sfra; char cycl, multiview_eye; short pass; };
struct ImagePackedFile {
  ImagePackedFile *next, *prev; PackedFile *packedfile; int view, tile_number; char filepath[1024]; };
struct ImageView { ImageView *next, *prev; char name[64], filepath[1024]; };
struct ImageTile { ImageTile *next, *prev; int tile_number, gen_x; };
struct Image {
  ID id; char name[1024]; ListBase anims; int flag; short source, type; PackedFile *packedfile; ListBase packedfiles;
  char views_format, _pad[7]; ListBase tiles, views; };
struct bSound { ID id; char name[1024]; PackedFile *packedfile; };
struct VFont { ID id; char name[1024]; PackedFile *packedfile, *temp_pf; };
struct MovieClipProxy { char dir[768]; short tc, quality, build_size_flag, build_tc_flag; };
struct MovieClip { ID id; char name[1024]; int source; MovieClipProxy proxy; int flag, len, start_frame, frame_offset; };
struct Volume {
  ID id; char filepath[1024]; PackedFile *packedfile; char is_sequence, sequence_mode, _pad1[2];
  int frame_start, frame_duration, frame_offset; Material **mat; short totcol, _pad2[3]; };
struct CacheFileLayer { CacheFileLayer *next, *prev; char filepath[1024]; int flag, _pad; };
struct CacheFile {
  ID id; ListBase object_paths, layers; char filepath[1024], is_sequence, forward_axis, up_axis, override_frame;
  float frame, frame_offset; char handle_filepath[1024]; };
struct TextLine { TextLine *next, *prev; char *line, *format; int len, _pad; };
struct Text { ID id; char *name; void *compiled; int flags; char _pad0[4]; ListBase lines; TextLine *curl; double mtime; };

struct CustomDataExternal { char filename[1024]; };
struct CustomDataLayer { int type, offset, flag, active; char name[64]; void *data; };
struct CustomData { CustomDataLayer *layers; int totlayer, maxlayer; CustomDataExternal *external; };
struct MVert { float co[3]; short no[3]; char flag, bweight; };
struct MDeformWeight { int def_nr; float weight; };
struct MDeformVert { MDeformWeight *dw; int totweight, flag; };
struct Mesh { ID id; AnimData *adt; Key *key; Material **mat; int totvert, totedge;
  CustomData vdata, edata, pdata, ldata; MVert *mvert; MDeformVert *dvert; CustomData fdata; };
struct KeyBlock { KeyBlock *next, *prev; char name[64]; void *data; };
struct Key { ID id; AnimData *adt; KeyBlock *refkey; ListBase block; ID *from; };
struct Curve { ID id; AnimData *adt; Object *bevobj; Material **mat; char *str; VFont *vfont, *vfontb, *vfonti, *vfontbi; };
struct CameraBGImage { CameraBGImage *next, *prev; Image *ima; ImageUser iuser; MovieClip *clip; short flag, source; int _pad; };
struct Camera { ID id; AnimData *adt; char type, dtx; short flag; Object *dof_ob; ListBase bg_images; };
struct Brush { ID id; char icon_filepath[1024]; int flag, flag2; };
struct Tex { ID id; AnimData *adt; short imaflag, flag, type, stype; ImageUser iuser; bNodeTree *nodetree; Image *ima; char use_nodes, _pad[7]; };
struct MTex { Object *object; Tex *tex; char uvname[64]; };
struct MaterialGPencilStyle { Image *sima, *ima; };
struct Material { ID id; AnimData *adt; short flag; char use_nodes, pr_type; bNodeTree *nodetree; PreviewImage *preview; MaterialGPencilStyle *gp_style; };
struct World { ID id; AnimData *adt; short use_nodes, _pad[3]; bNodeTree *nodetree; };
struct Lamp { ID id; AnimData *adt; short type, flag, use_nodes, _pad; bNodeTree *nodetree; };
struct FreestyleLineStyle { ID id; AnimData *adt; bNodeTree *nodetree; };

struct bAction { ID id; ListBase curves, chanbase, groups, markers; };
struct AnimData { bAction *action, *tmpact; ListBase nla_tracks, drivers, overrides; FCurve **driver_array; int flag; char _pad[4]; };
struct FCurve { FCurve *next, *prev; void *grp; ChannelDriver *driver; ListBase modifiers; char *rna_path; int array_index, totvert; };
struct ChannelDriver { ListBase variables; char expression[256]; int type, flag; };
struct DriverTarget { ID *id; char *rna_path; char pchan_name[64]; };

struct PointCache {
  PointCache *next, *prev; int flag, step, simframe, startframe, endframe, last_exact, totpoint, index; short compression;
  char _pad0[6]; char name[64], prev_name[64], info[128], path[1024]; char *cached_frames; ListBase mem_cache; };
struct ModifierData { ModifierData *next, *prev; int type, mode; short flag, ui_expand_flag; char _pad[4]; char name[64]; char *error; void *runtime; };
struct SubsurfModifierData { ModifierData modifier; short subdivType, levels, renderLevels, flags; };
struct MeshCacheModifierData { ModifierData modifier; char flag, type, time_mode, play_mode; float frame_start; char filepath[1024]; };
struct MeshSeqCacheModifierData { ModifierData modifier; CacheFile *cache_file; char object_path[1024]; char reader_object_path[1024]; };
struct OceanModifierData { ModifierData modifier; int bakestart, bakeend; char cachepath[1024]; char cached, geometry_mode, flag, _pad2[5]; };
struct FluidDomainSettings {
  FluidModifierData *fmd; int cache_frame_start, cache_frame_end, cache_flag; char cache_directory[1024]; short cache_type;
  char cache_file_format, _pad[5]; PointCache *point_cache[2]; ListBase ptcaches[2]; };
struct FluidModifierData { ModifierData modifier; FluidDomainSettings *domain; void *flow, *effector; float time; int type; };
struct SmokeDomainSettings { SmokeModifierData *smd; PointCache *point_cache[2]; ListBase ptcaches[2]; char cache_file_format, _pad[7]; };
struct SmokeModifierData { ModifierData modifier; SmokeDomainSettings *domain; void *flow; int type, _pad; };
struct FluidsimSettings { FluidsimModifierData *fmd; short type, _pad[3]; int bakeStart, bakeEnd; char surfdataPath[1024]; };
struct FluidsimModifierData { ModifierData modifier; FluidsimSettings *fss; };
struct ClothModifierData { ModifierData modifier; PointCache *point_cache; ListBase ptcaches; };
struct SoftBody_Shared { PointCache *pointcache; ListBase ptcaches; };
struct SoftBody { int totpoint, totspring; SoftBody_Shared *shared; PointCache *pointcache; ListBase ptcaches; };
struct ParticleSettings { ID id; AnimData *adt; int flag, _pad; short type, phystype; float sta, end; Object *dup_ob; Collection *dup_group; };
struct ParticleSystem { ParticleSystem *next, *prev; ParticleSettings *part; char name[64]; PointCache *pointcache; ListBase ptcaches; };
struct ParticleSystemModifierData { ModifierData modifier; ParticleSystem *psys; };
struct DynamicPaintSurface {
  DynamicPaintSurface *next, *prev; PointCache *pointcache; ListBase ptcaches; char name[64]; short format, type, image_fileformat, _pad;
  int flags, start_frame, end_frame, _pad2; char image_output_path[1024], output_name[64], output_name2[64]; };
struct DynamicPaintCanvasSettings { DynamicPaintModifierData *pmd; ListBase surfaces; short active_sur, flags; char _pad[4]; };
struct DynamicPaintModifierData { ModifierData modifier; DynamicPaintCanvasSettings *canvas; void *brush; int type; char _pad[4]; };
struct NodesModifierSettings { IDProperty *properties; };
struct NodesModifierBake {
  int id, flag; char bake_mode, bake_target, _pad[6]; char *directory; int frame_start, frame_end, data_blocks_num, active;
  void *data_blocks; NodesModifierPackedBake *packed; void *spare; };
struct NodesModifierPackedBake { int meta_files_num, blob_files_num; void *meta_files, *blob_files; };
struct NodesModifierData {
  ModifierData modifier; bNodeTree *node_group; NodesModifierSettings settings; char *simulation_bake_directory;
  char flag, bake_target, _pad[2]; int bakes_num; NodesModifierBake *bakes; };
struct DisplaceModifierData { ModifierData modifier; Tex *texture; Object *map_object; };
struct bConstraint { bConstraint *next, *prev; void *data; short type, flag; char ownspace, tarspace; short ui; char name[64]; };
struct bTransformCacheConstraint { CacheFile *cache_file; char object_path[1024]; };
struct RigidBodyWorld_Shared { PointCache *pointcache; ListBase ptcaches; void *physics_world; };
struct RigidBodyWorld { Collection *group; RigidBodyWorld_Shared *shared; PointCache *pointcache; ListBase ptcaches; int flag, _pad; };
struct RigidBodyOb { short type, shape; int flag; };
struct Object {
  ID id; AnimData *adt; short type, partype; int totcol; Object *parent; void *data; ListBase constraints, modifiers, greasepencil_modifiers, shader_fx;
  Material **mat; char *matbits; ListBase particlesystem; SoftBody *soft; Collection *dup_group; FluidsimSettings *fluidsimSettings;
  RigidBodyOb *rigidbody_object; ImageUser *iuser; short restrictflag; char duplicator_visibility_flag, _pad[5]; };
struct CollectionObject { CollectionObject *next, *prev; Object *ob; };
struct CollectionChild { CollectionChild *next, *prev; Collection *collection; };
struct Collection { ID id; ID *owner_id; ListBase gobject, children; short flag, tag; char _pad[4]; };

struct ImageFormatData { char imtype, depth, planes, flag, quality, compress, exr_codec, views_format; };
struct FFMpegCodecData {
  int type, codec, audio_codec, video_bitrate, audio_bitrate, audio_mixrate, audio_channels, gop_size, max_b_frames, flags,
  constant_rate_factor, ffmpeg_preset; };
struct BakeData { ImageFormatData im_format; char filepath[1024]; char target, save_mode, _pad[6]; };
struct SceneRenderView { SceneRenderView *next, *prev; char name[64], suffix[64]; int viewflag; char _pad2[4]; };
struct SceneRenderLayer { SceneRenderLayer *next, *prev; char name[64]; Material *mat_override; int lay, layflag; };
struct RenderData {
  ImageFormatData im_format; FFMpegCodecData ffcodecdata; int cfra, sfra, efra; float subframe; int psfra, pefra, images, framapto;
  short flag, threads; int frame_step; short size; char _pad6[2]; int xsch, ysch, scemode, mode; short frs_sec, _pad0; rctf border;
  ListBase layers; float xasp, yasp, frs_sec_base; char pic[1024]; int stamp; char stamp_udata[768]; short simplify_subsurf,
  simplify_subsurf_render; float simplify_particles_render; char engine[32]; BakeData bake; ListBase views; short actview, views_format; int _pad8; };
struct StripProxy { char dir[768], file[256]; short tc, quality; char storage, _pad[3]; };
struct StripElem { char name[256]; int orig_width, orig_height; float orig_fps; };
struct Strip { Strip *next, *prev; int us, done; StripElem *stripdata; char dir[768]; StripProxy *proxy; };
struct TextVars { char text[512]; VFont *text_font; };
struct Sequence {
  Sequence *next, *prev; char name[64]; int flag, type, len; float start; int anim_startofs, anim_endofs; Strip *strip; Scene *scene; Object *scene_camera;
  MovieClip *clip; ID *mask; ListBase seqbase; bSound *sound; void *effectdata; char views_format, _pad[7]; };
struct Editing { ListBase *seqbasep; ListBase seqbase, metastack; char act_imagedir[1024], act_sounddir[1024], proxy_dir[1024]; int proxy_storage, _pad; };
struct TimeMarker { TimeMarker *next, *prev; int frame; char name[64]; int flag; Object *camera; };
struct FreestyleModuleConfig { FreestyleModuleConfig *next, *prev; Text *script; };
struct ViewLayer { ViewLayer *next, *prev; char name[64]; short flag; char _pad[6]; int samples, _pad1; Material *mat_override; IDProperty *id_properties; };
struct SceneEEVEE { int flag, taa_samples, taa_render_samples, _pad; };
struct View3DShading { char studio_light[256], lookdev_light[256], matcap[256]; };
struct SceneDisplay { char viewport_aa, render_aa, _pad[6]; View3DShading shading; };
struct ColorManagedViewSettings { int flag; char look[64], view_transform[64]; float exposure, gamma; };
struct Scene {
  ID id; AnimData *adt; Object *camera; World *world; Scene *set; ListBase base; short flag; char use_nodes, _pad[5]; bNodeTree *nodetree;
  Editing *ed; RenderData r; ListBase markers; MovieClip *clip; ColorManagedViewSettings view_settings; RigidBodyWorld *rigidbody_world;
  ListBase view_layers; Collection *master_collection; SceneDisplay display; SceneEEVEE eevee; };
struct FileGlobal {
  char subvstr[4]; short subversion, minversion, minsubversion; char _pad[6]; ID *curscreen; Scene *curscene; ViewLayer *cur_view_layer;
  int fileflags, globalf; uint64_t build_commit_timestamp; char build_hash[16], filename[1024]; };
struct bScreen { ID id; ListBase areabase; char path[1024]; };
struct wmWindowManager { ID id; char path[1024]; };
struct WorkSpace { ID id; ListBase layouts; };

struct bNodeTree { ID id; AnimData *adt; ID *owner_id; char idname[64]; ListBase nodes, links; int type, flag; ListBase inputs, outputs; };
struct bNode {
  bNode *next, *prev; IDProperty *prop; char idname[64], name[64]; int flag; short type, custom1, custom2, _pad; ListBase inputs, outputs;
  bNode *parent; ID *id; void *storage; char label[64]; };
struct bNodeSocket {
  bNodeSocket *next, *prev; IDProperty *prop; char identifier[64], name[64]; void *storage; short type, flag, limit, in_out; char idname[64];
  void *default_value; bNodeLink *link; };
struct bNodeLink { bNodeLink *next, *prev; bNode *fromnode, *tonode; bNodeSocket *fromsock, *tosock; int flag, _pad; };
struct bNodeSocketValueString { int subtype; char _pad[4]; char value[1024]; };
struct NodeTexImage { ImageUser iuser; int color_space, projection; };
struct NodeShaderTexIES { int mode; char filepath[1024]; };
struct NodeShaderScript { int mode, flag; char filepath[1024], bytecode_hash[64]; char *bytecode; };
struct NodeInputString { char *string; };
struct NodeImageFile { char name[1024]; ImageFormatData im_format; int sfra, efra; };
struct NodeImageMultiFile { char base_path[1024]; ImageFormatData format; int sfra, efra, active_input; char save_as_render, _pad[3]; };
struct NodeImageMultiFileSocket { short use_render_format, use_node_format; char save_as_render, _pad1[3]; char path[1024]; ImageFormatData format; char layer[30], _pad2[2]; };
)";

}  // namespace souschef::test
